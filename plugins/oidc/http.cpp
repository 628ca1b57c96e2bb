/// Requests to the provider over Poco::Net and NetSSL.
#include "http.hpp"

#include "settings.hpp"

#include <poco_net/session.hpp>

#include <Poco/Exception.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/SSLException.h>
#include <Poco/URI.h>

namespace talon::oidc {

namespace {

constexpr std::chrono::seconds kConnectTime{5};
constexpr std::size_t kBodyBytesMax = 1024 * 1024;

Result<Answer> exchange(const std::string& target, const std::string* form, const std::string& authorization,
                        poco_net::Session& session) {
  Poco::Net::HTTPRequest head(form == nullptr ? "GET" : "POST", target, Poco::Net::HTTPMessage::HTTP_1_1);
  head.set("Accept", "application/json");
  if (!authorization.empty()) head.set("Authorization", authorization);
  if (form != nullptr) {
    head.setContentType("application/x-www-form-urlencoded");
    head.setContentLength64(static_cast<Poco::Int64>(form->size()));
  }
  std::ostream& out = session.http().sendRequest(head);
  if (form != nullptr) out << *form;
  out.flush();
  Poco::Net::HTTPResponse response;
  TALON_TRY(const std::string body,
            poco_net::read_all(session.http().receiveResponse(response), kBodyBytesMax));
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
  poco_net::Deadline deadline(poco_net::Clock::now() + total_time_);
  Error error{Code::Unavailable, {}};
  try {
    const Poco::URI uri(url);
    const auto session = poco_net::open(
        {uri.getHost(), uri.getPort(), uri.getScheme() == "https", authority_, kConnectTime, total_time_});
    session->watch(&deadline);
    auto answer = exchange(uri.getPathAndQuery(), form, authorization, *session);
    if (answer && !deadline.is_over()) return answer;
    if (!answer) error.message = answer.error().message;
  } catch (const Poco::Net::SSLException& failure) {
    error = {Code::FailedPrecondition, failure.displayText() +
                                           "; its certificate must be valid for this name (a private "
                                           "authority goes into plugins.settings.oidc.authority)"};
  } catch (const Poco::Exception& failure) {
    error.message = failure.displayText();
  }
  if (deadline.is_over()) error = {Code::Unavailable, "the answer did not end in time"};
  error.message.insert(0, what);
  return error;
}

}  // namespace talon::oidc
