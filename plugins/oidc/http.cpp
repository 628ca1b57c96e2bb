/// Requests to the provider over Poco::Net and NetSSL.
#include "http.hpp"

#include "settings.hpp"

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/RejectCertificateHandler.h>
#include <Poco/Net/SSLException.h>
#include <Poco/Net/SSLManager.h>
#include <Poco/URI.h>

#include <array>
#include <chrono>
#include <memory>
#include <mutex>

namespace talon::oidc {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int64_t kConnectUs = 5'000'000;
constexpr int64_t kTotalUs = 10'000'000;
constexpr std::size_t kBodyBytesMax = 1024 * 1024;

/// Strict, with the peer's name compared: Poco's defaults take a certificate for another name, and its
/// default handler asks on the console.
Poco::Net::Context::Ptr tls_context(const std::string& authority) {
  static std::once_flag once;
  std::call_once(once, [] { Poco::Net::initializeSSL(); });
  Poco::Net::Context::Ptr context =
      new Poco::Net::Context(Poco::Net::Context::TLS_CLIENT_USE, "", "", authority,
                             Poco::Net::Context::VERIFY_STRICT, 9, true, "HIGH:!aNULL:!MD5:!RC4");
  context->enableExtendedCertificateVerification(true);
  context->requireMinimumProtocol(Poco::Net::Context::PROTO_TLSV1_2);
  Poco::Net::SSLManager::InvalidCertificateHandlerPtr handler =
      new Poco::Net::RejectCertificateHandler(false);
  Poco::Net::SSLManager::instance().initializeClient(nullptr, handler, context);
  return context;
}

std::unique_ptr<Poco::Net::HTTPClientSession> open(const Poco::URI& uri, const std::string& authority) {
  std::unique_ptr<Poco::Net::HTTPClientSession> session;
  if (uri.getScheme() == "https") {
    session =
        std::make_unique<Poco::Net::HTTPSClientSession>(uri.getHost(), uri.getPort(), tls_context(authority));
  } else {
    session = std::make_unique<Poco::Net::HTTPClientSession>(uri.getHost(), uri.getPort());
  }
  session->setTimeout(Poco::Timespan(kConnectUs), Poco::Timespan(kTotalUs), Poco::Timespan(kTotalUs));
  return session;
}

Result<std::string> read_all(std::istream& in, Clock::time_point deadline) {
  std::string body;
  std::array<char, 16384> piece{};
  while (in) {
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    body.append(piece.data(), static_cast<std::size_t>(in.gcount()));
    if (body.size() > kBodyBytesMax) return unavailable("the answer is over 1 MiB");
    if (Clock::now() > deadline) return unavailable("the answer did not end in time");
  }
  return body;
}

Result<Answer> exchange(const std::string& url, const std::string* form, const std::string& authorization,
                        const std::string& authority) {
  const auto deadline = Clock::now() + std::chrono::microseconds(kTotalUs);
  const Poco::URI uri(url);
  const auto session = open(uri, authority);
  Poco::Net::HTTPRequest head(form == nullptr ? "GET" : "POST", uri.getPathAndQuery(),
                              Poco::Net::HTTPMessage::HTTP_1_1);
  head.set("Accept", "application/json");
  if (!authorization.empty()) head.set("Authorization", authorization);
  if (form != nullptr) {
    head.setContentType("application/x-www-form-urlencoded");
    head.setContentLength64(static_cast<Poco::Int64>(form->size()));
  }
  std::ostream& out = session->sendRequest(head);
  if (form != nullptr) out << *form;
  out.flush();
  Poco::Net::HTTPResponse response;
  TALON_TRY(const std::string body, read_all(session->receiveResponse(response), deadline));
  Answer answer;
  answer.status = static_cast<int>(response.getStatus());
  if (auto json = Json::parse(body)) answer.json = *std::move(json);
  return answer;
}

}  // namespace

Result<Answer> Http::get(const std::string& url, const std::string& authorization) const {
  return send(url, nullptr, authorization);
}

Result<Answer> Http::post(const std::string& url, const std::string& form,
                          const std::string& authorization) const {
  return send(url, &form, authorization);
}

Result<Answer> Http::send(const std::string& url, const std::string* form,
                          const std::string& authorization) const {
  const std::string what = url.substr(0, url.find('?')) + ": ";
  if (!is_fit(url)) return failed_precondition(what + "neither https nor on this machine");
  try {
    auto answer = exchange(url, form, authorization, authority_);
    if (answer) return answer;
    return Error{answer.error().code, what + answer.error().message};
  } catch (const Poco::Net::SSLException& failure) {
    return failed_precondition(what + failure.displayText() +
                               "; its certificate must be valid for this name (a private authority goes "
                               "into plugins.settings.oidc.authority)");
  } catch (const Poco::Exception& failure) {
    return unavailable(what + failure.displayText());
  }
}

}  // namespace talon::oidc
