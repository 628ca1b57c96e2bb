/// One HTTP request and its answer over Poco::Net and NetSSL.
#include "client.hpp"

#include <talon/text.hpp>

#include <poco_net/session.hpp>

#include <Poco/Exception.h>
#include <Poco/InflatingStream.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/SSLException.h>

namespace talon::http_connector {
namespace {

Result<std::string> read_body(std::istream& in, std::size_t bytes_max) {
  auto body = poco_net::read_all(in, bytes_max);
  if (!body && body.error().code == Code::ResourceExhausted) {
    return Error{Code::ResourceExhausted, "the answer is larger than max_response (" +
                                              std::to_string(bytes_max) +
                                              " bytes); ask for smaller pages or raise it"};
  }
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
  std::unique_ptr<poco_net::Session> session;

  poco_net::Session& session_for(const Url& url) {
    if (session == nullptr || origin != url.origin()) {
      session = poco_net::open({url.host, url.port, url.is_tls, settings.ca_file, settings.connect_timeout,
                                settings.total_timeout});
      origin = url.origin();
      session->http().setKeepAlive(true);
    }
    return *session;
  }

  Result<Answer> exchange(const Request& request) {
    Poco::Net::HTTPClientSession& open = session->http();
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
      TALON_TRY(answer.body, read_body(inflated, settings.response_bytes_max));
    } else {
      TALON_TRY(answer.body, read_body(in, settings.response_bytes_max));
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
  poco_net::Deadline deadline(poco_net::Clock::now() + inside_->settings.total_timeout);
  try {
    inside_->session_for(request.url).watch(&deadline);
    auto answer = inside_->exchange(request);
    inside_->session->watch(nullptr);
    if (answer && !deadline.is_over()) return answer;
    if (!answer) error = std::move(answer).error();
  } catch (const Poco::Net::SSLException& failure) {
    error = {Code::FailedPrecondition, failure.displayText() +
                                           "; the peer's certificate must be valid for this name "
                                           "(a private authority goes into `ca:`)"};
  } catch (const Poco::TimeoutException& failure) {
    error = {Code::DeadlineExceeded, failure.displayText()};
  } catch (const Poco::Exception& failure) {
    error = {Code::Unavailable, failure.displayText()};
  }
  if (deadline.is_over()) error = {Code::DeadlineExceeded, "the answer did not end in time"};
  inside_->session.reset();  // nothing of a failed exchange is read as the next one's answer
  error.message.insert(0, what);
  return error;
}

}  // namespace talon::http_connector
