/// The HTTP client: Poco::Net, certificates always verified, no redirects.
#include "host/cli/client.hpp"

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/StreamCopier.h>
#include <Poco/URI.h>

#include <array>
#include <memory>

namespace talon::cli {

namespace {

constexpr int kTimeoutSeconds = 600;               // a sync or a report may take minutes
constexpr std::size_t kProblemBytesMax = 1 << 20;  // of an answer that says why not

std::unique_ptr<Poco::Net::HTTPClientSession> open_session(const Poco::URI& uri, const std::string& ca_file) {
  if (uri.getScheme() != "https")
    return std::make_unique<Poco::Net::HTTPClientSession>(uri.getHost(), uri.getPort());
  // Strict, with the name checked too: Poco's relaxed mode lets another name's certificate pass.
  Poco::Net::Context::Ptr context = new Poco::Net::Context(Poco::Net::Context::TLS_CLIENT_USE, ca_file,
                                                           Poco::Net::Context::VERIFY_STRICT, 9, true);
  context->enableExtendedCertificateVerification(true);
  return std::make_unique<Poco::Net::HTTPSClientSession>(uri.getHost(), uri.getPort(), context);
}

Code code_of(std::string_view name, int status) {
  static constexpr std::array<std::pair<std::string_view, Code>, 16> kNames = {{
      {"cancelled", Code::Cancelled},
      {"unknown", Code::Unknown},
      {"invalid_argument", Code::InvalidArgument},
      {"deadline_exceeded", Code::DeadlineExceeded},
      {"not_found", Code::NotFound},
      {"already_exists", Code::AlreadyExists},
      {"permission_denied", Code::PermissionDenied},
      {"resource_exhausted", Code::ResourceExhausted},
      {"failed_precondition", Code::FailedPrecondition},
      {"aborted", Code::Aborted},
      {"out_of_range", Code::OutOfRange},
      {"unimplemented", Code::Unimplemented},
      {"internal", Code::Internal},
      {"unavailable", Code::Unavailable},
      {"data_loss", Code::DataLoss},
      {"unauthenticated", Code::Unauthenticated},
  }};
  for (const auto& [word, code] : kNames) {
    if (word == name) return code;
  }
  switch (status) {
    case 401:
      return Code::Unauthenticated;
    case 403:
      return Code::PermissionDenied;
    case 404:
      return Code::NotFound;
    case 412:
      return Code::Aborted;
    case 429:
      return Code::ResourceExhausted;
    case 502:
    case 503:
      return Code::Unavailable;
    case 504:
      return Code::DeadlineExceeded;
    default:
      return status >= 500 ? Code::Internal : Code::InvalidArgument;
  }
}

}  // namespace

Error read_problem(int status, std::string_view body) {
  const auto parsed = Json::parse(body);
  const Json problem = parsed ? *parsed : Json();
  std::string message(problem["detail"].string());
  if (message.empty()) message = problem["title"].string();
  if (message.empty()) message = "the server answered " + std::to_string(status);
  const std::string detail = message;
  for (const Json& error : problem["errors"].items()) {
    const std::string words(error["message"].string());
    const std::string line = std::string(error["pointer"].string()) + ": " + words;
    if (detail == words || "/" + detail == line) continue;  // it is said already
    message.append("\n  ").append(line);
  }
  return {code_of(problem["code"].string(), status), std::move(message), std::string(body)};
}

Client::Client(std::string server, std::string token, std::string ca_file)
    : server_(std::move(server)), token_(std::move(token)), ca_file_(std::move(ca_file)) {
  while (server_.ends_with('/')) server_.pop_back();
}

Result<Answer> Client::send(const Request& request, std::ostream* stream) {
  std::string path = (request.is_at_root ? "" : "/api/v1") + request.path;
  for (std::size_t i = 0; i < request.query.size(); ++i) {
    path += (i == 0 ? "?" : "&") + percent_encoded(request.query[i].first) + "=" +
            percent_encoded(request.query[i].second);
  }
  try {
    const Poco::URI uri(server_);
    if ((uri.getScheme() != "http" && uri.getScheme() != "https") || uri.getHost().empty())
      return invalid("\"" + server_ +
                     "\" is no address of a server: it begins with http:// or https://, as in "
                     "https://talon.example.com");
    const auto session = open_session(uri, ca_file_);
    session->setTimeout(Poco::Timespan(kTimeoutSeconds, 0));
    Poco::Net::HTTPRequest out(request.method, uri.getPath() + path, Poco::Net::HTTPMessage::HTTP_1_1);
    out.set("User-Agent", "talon");  // what a list of sessions shows beside the address
    if (!token_.empty()) out.set("Authorization", "Bearer " + token_);
    if (!view_as_.empty()) out.set("Talon-View-As", view_as_);
    for (const auto& [name, value] : request.headers) out.set(name, value);
    const std::string body = request.body ? request.body->to_string() : std::string();
    if (request.body) out.setContentType("application/json");
    if (request.method != "GET") out.setContentLength64(static_cast<Poco::Int64>(body.size()));
    session->sendRequest(out) << body;
    Poco::Net::HTTPResponse in;
    std::istream& received = session->receiveResponse(in);
    Answer answer{.status = in.getStatus(),
                  .content_type = in.getContentType(),
                  .etag = in.get("ETag", ""),
                  .body = {}};
    if (answer.status >= 400 || answer.status < 200) {
      Poco::StreamCopier::copyToString(received, answer.body);
      if (answer.body.size() > kProblemBytesMax) answer.body.clear();
      return read_problem(answer.status, answer.body);
    }
    if (stream != nullptr) {
      Poco::StreamCopier::copyStream(received, *stream);
    } else {
      Poco::StreamCopier::copyToString(received, answer.body);
    }
    return answer;
  } catch (const Poco::SyntaxException& exception) {
    return invalid("\"" + server_ + "\" is no address of a server, as in https://talon.example.com");
  } catch (const Poco::Exception& exception) {
    return unavailable("no answer from " + server_ + " (" + exception.displayText() +
                       "). Is talond running there?");
  }
}

}  // namespace talon::cli
