/// One HTTP request and its answer over Poco::Net and NetSSL.
#include "client.hpp"

#include <talon/text.hpp>

#include <Poco/Exception.h>
#include <Poco/InflatingStream.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/RejectCertificateHandler.h>
#include <Poco/Net/SSLException.h>
#include <Poco/Net/SSLManager.h>

#include <algorithm>
#include <array>
#include <mutex>

namespace talon::http_connector {
namespace {

using Clock = std::chrono::steady_clock;

Poco::Timespan timespan(Milliseconds time) { return Poco::Timespan(std::chrono::microseconds(time).count()); }

/// Strict, with the peer's name compared: Poco's defaults take a certificate for another name, and its
/// default handler asks on the console.
Poco::Net::Context::Ptr tls_context(const std::string& ca_file) {
  static std::once_flag once;
  std::call_once(once, [] { Poco::Net::initializeSSL(); });
  Poco::Net::Context::Ptr context =
      new Poco::Net::Context(Poco::Net::Context::TLS_CLIENT_USE, "", "", ca_file,
                             Poco::Net::Context::VERIFY_STRICT, 9, true, "HIGH:!aNULL:!MD5:!RC4");
  context->enableExtendedCertificateVerification(true);
  context->requireMinimumProtocol(Poco::Net::Context::PROTO_TLSV1_2);
  Poco::Net::SSLManager::InvalidCertificateHandlerPtr handler =
      new Poco::Net::RejectCertificateHandler(false);
  Poco::Net::SSLManager::instance().initializeClient(nullptr, handler, context);
  return context;
}

/// Reads to the end, the cap or the deadline.
Result<std::string> read_all(std::istream& in, std::size_t bytes_max, Clock::time_point deadline) {
  std::string body;
  std::array<char, 16384> piece{};
  while (in) {
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    body.append(piece.data(), static_cast<std::size_t>(in.gcount()));
    if (body.size() > bytes_max) {
      return Error{Code::ResourceExhausted, "the answer is larger than max_response (" +
                                                std::to_string(bytes_max) +
                                                " bytes); ask for smaller pages or raise it"};
    }
    if (Clock::now() > deadline) return Error{Code::DeadlineExceeded, "the answer did not end in time"};
  }
  if (in.bad()) return unavailable("the connection broke in the middle of the answer");
  return body;
}

}  // namespace

std::string_view Answer::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

struct Client::Inside {
  Settings settings;
  std::string origin;
  std::unique_ptr<Poco::Net::HTTPClientSession> session;

  Poco::Net::HTTPClientSession& session_for(const Url& url) {
    if (session == nullptr || origin != url.origin()) {
      if (url.is_tls) {
        session = std::make_unique<Poco::Net::HTTPSClientSession>(url.host, url.port,
                                                                  tls_context(settings.ca_file));
      } else {
        session = std::make_unique<Poco::Net::HTTPClientSession>(url.host, url.port);
      }
      origin = url.origin();
      session->setKeepAlive(true);
      session->setTimeout(timespan(settings.connect_timeout), timespan(settings.total_timeout),
                          timespan(settings.total_timeout));
    }
    return *session;
  }

  Result<Answer> exchange(const Request& request) {
    const auto deadline = Clock::now() + settings.total_timeout;
    Poco::Net::HTTPClientSession& open = session_for(request.url);
    Poco::Net::HTTPRequest head(request.method, request.url.target, Poco::Net::HTTPMessage::HTTP_1_1);
    head.set("Accept", "application/json");
    head.set("Accept-Encoding", "gzip");
    for (const auto& [name, value] : request.headers) head.set(name, value);
    if (request.method != "GET") head.setContentLength64(static_cast<Poco::Int64>(request.body.size()));
    std::ostream& out = open.sendRequest(head);
    out.write(request.body.data(), static_cast<std::streamsize>(request.body.size()));
    out.flush();
    Poco::Net::HTTPResponse response;
    std::istream& in = open.receiveResponse(response);
    Answer answer;
    answer.status = static_cast<int>(response.getStatus());
    for (const auto& [name, value] : response) answer.headers.emplace_back(lower_case(name), value);
    if (lower_case(answer.header("content-encoding")) == "gzip") {
      Poco::InflatingInputStream inflated(in, Poco::InflatingStreamBuf::STREAM_GZIP);
      TALON_TRY(answer.body, read_all(inflated, settings.response_bytes_max, deadline));
    } else {
      TALON_TRY(answer.body, read_all(in, settings.response_bytes_max, deadline));
    }
    if (const auto length = response.getContentLength64();
        answer.header("content-encoding").empty() &&
        length != Poco::Net::HTTPMessage::UNKNOWN_CONTENT_LENGTH && request.method != "HEAD" &&
        static_cast<std::size_t>(length) != answer.body.size()) {
      return unavailable("the connection broke in the middle of the answer");
    }
    return answer;
  }
};

Client::Client(const Settings& settings) : inside_(std::make_unique<Inside>()) {
  inside_->settings = settings;
}
Client::~Client() = default;

Result<Answer> Client::send(const Request& request) {
  const std::string what = request.method + " " + request.url.origin() +
                           request.url.target.substr(0, request.url.target.find('?')) + ": ";
  Error error{Code::Unavailable, {}};
  try {
    auto answer = inside_->exchange(request);
    if (answer) return answer;
    error = std::move(answer).error();
  } catch (const Poco::Net::SSLException& failure) {
    error = {Code::FailedPrecondition, failure.displayText() +
                                           "; the peer's certificate must be valid for this name "
                                           "(a private authority goes into `ca:`)"};
  } catch (const Poco::TimeoutException& failure) {
    error = {Code::DeadlineExceeded, failure.displayText()};
  } catch (const Poco::Exception& failure) {
    error = {Code::Unavailable, failure.displayText()};
  }
  inside_->session.reset();  // nothing of a failed exchange is read as the next one's answer
  error.message.insert(0, what);
  return error;
}

}  // namespace talon::http_connector
