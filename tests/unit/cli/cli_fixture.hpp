/// A command line against a small server of the test's own, and a folder of its own.
#pragma once

#include "host/cli/cli.hpp"
#include "host/cli/session.hpp"

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/StreamCopier.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace talon::cli {

/// What the test's server got, and what it answers by "METHOD PATH".
struct Exchange {
  std::map<std::string, std::pair<int, std::string>> answers;
  std::vector<std::string> requests;  ///< "METHOD URI BODY"
  std::map<std::string, std::string> headers;
};

class Handler : public Poco::Net::HTTPRequestHandler {
 public:
  explicit Handler(Exchange& exchange) : exchange_(exchange) {}
  void handleRequest(Poco::Net::HTTPServerRequest& request,
                     Poco::Net::HTTPServerResponse& response) override {
    std::string body;
    Poco::StreamCopier::copyToString(request.stream(), body);
    exchange_.requests.push_back(request.getMethod() + " " + request.getURI() + " " + body);
    for (const auto& [name, value] : request) exchange_.headers[name] = value;
    const std::string path = request.getURI().substr(0, request.getURI().find('?'));
    const auto answer = exchange_.answers.find(request.getMethod() + " " + path);
    const auto [status, text] = answer != exchange_.answers.end()
                                    ? answer->second
                                    : std::pair<int, std::string>(404, R"({"code":"not_found"})");
    response.setStatus(static_cast<Poco::Net::HTTPResponse::HTTPStatus>(status));
    response.setContentType("application/json");
    response.set("ETag", "\"7\"");
    response.sendBuffer(text.data(), text.size());
  }

 private:
  Exchange& exchange_;
};

class Factory : public Poco::Net::HTTPRequestHandlerFactory {
 public:
  explicit Factory(Exchange& exchange) : exchange_(exchange) {}
  Poco::Net::HTTPRequestHandler* createRequestHandler(
      const Poco::Net::HTTPServerRequest& /*request*/) override {
    return new Handler(exchange_);  // Poco deletes it
  }

 private:
  Exchange& exchange_;
};

constexpr const char* kOpenApi = R"({"paths":{
  "/invoices":{"get":{"operationId":"list_invoices","tags":["invoice"]},
    "post":{"requestBody":{"content":{"application/json":{"schema":
      {"$ref":"#/components/schemas/invoice_create"}}}}}},
  "/invoices/{id}/issue":{"post":{}}},
  "components":{"schemas":{"invoice_create":{"properties":{
    "net":{"anyOf":[{"$ref":"#/components/schemas/Money"},{"type":"null"}]},
    "count":{"type":["integer","null"]},"is_final":{"type":["boolean","null"]},
    "note":{"type":["string","null"]}}}}}})";

class CliTest : public ::testing::Test {
 protected:
  CliTest() : server_(new Factory(exchange_), Poco::Net::ServerSocket(0), new Poco::Net::HTTPServerParams) {
    std::string pattern = ::testing::TempDir() + "talon_cli_XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    ::setenv("TALON_SIGN_IN", (directory_ / "sign_in.json").c_str(), 1);
    exchange_.answers["GET /api/v1/openapi.json"] = {200, kOpenApi};
    server_.start();
  }
  ~CliTest() override {
    server_.stop();
    std::filesystem::remove_all(directory_);
  }

  std::string address() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
  int talon(std::vector<std::string> arguments) {
    out_.str("");
    err_.str("");
    return run(std::move(arguments), out_, err_);
  }
  int at_server(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--server", address()});
    return talon(std::move(arguments));
  }
  std::filesystem::path write(const std::string& name, const std::string& text, int mode = 0600) {
    std::filesystem::create_directories((directory_ / name).parent_path());
    std::ofstream(directory_ / name) << text;
    std::filesystem::permissions(directory_ / name, static_cast<std::filesystem::perms>(mode));
    return directory_ / name;
  }

  Exchange exchange_;
  Poco::Net::HTTPServer server_;
  std::filesystem::path directory_;
  std::ostringstream out_;
  std::ostringstream err_;
};

}  // namespace talon::cli
