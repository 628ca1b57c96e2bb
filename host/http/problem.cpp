/// Errors as application/problem+json.
#include "host/http/problem.hpp"

#include "host/runtime/log.hpp"

#include <talon/text.hpp>

namespace talon::http {

namespace {

// Whatever somebody sent and a room repeats: an answer tells what is wrong, and is no copy of the request.
constexpr std::size_t kDetailBytesMax = 2000;
constexpr std::size_t kFaultBytesMax = 500;

/// `list`, of {pointer, code, message}, with texts of a sane length.
Json faults_of(const Json& list) {
  Json faults = Json::array();
  for (const Json& fault : list.items()) {
    Json kept = fault;
    for (const char* name : {"pointer", "message"}) {
      const Json* text = fault.find(name);
      if (text != nullptr && text->is_string()) kept.set(name, legible(text->string(), kFaultBytesMax));
    }
    faults.push(std::move(kept));
  }
  return faults;
}

/// After too many tries the caller learns when the next one may be made.
std::string retry_after(int status, const Error& error) {
  const auto details = status == 429 ? Json::parse(error.details) : Json();
  const bool is_said = details && !(*details)["retry_after_s"].is_null();
  return std::string(is_said ? (*details)["retry_after_s"].digits() : "1");
}

// The title belongs to the status, not to the case: RFC 9457 section 3.1.3.
Json body_of(int status, const Error& error, std::string_view request_id) {
  Json body = Json::object({{"type", "about:blank"}, {"title", reason_phrase(status)}, {"status", status}});
  const bool is_missing = status == 404 && error.code == Code::NotFound;
  if (is_missing)
    body.set("detail", kNothingHere);
  else if (status == 500 && error.code != Code::DataLoss)  // lost data is a finding that somebody asked for
    body.set("detail", "something went wrong here; the log has it under the request's id");
  else
    body.set("detail", legible(error.message, kDetailBytesMax));
  body.set("code", code_name(error.code));
  if (!is_missing) body.set("request_id", request_id);
  body.set("retryable", is_retryable(error.code));
  if (is_missing || status == 500 || error.details.empty()) return body;
  const auto details = Json::parse(error.details);
  if (!details) return body;
  if (details->is_array()) body.set("errors", faults_of(*details));
  for (const auto& [key, value] : details->members()) {
    if (body.find(key) == nullptr) body.set(key, value);
  }
  return body;
}

}  // namespace

int status_of(const Error& error) {
  switch (error.code) {
    case Code::Ok:
      return 200;
    case Code::Cancelled:
      return 499;
    case Code::InvalidArgument:
      return error.details.empty() ? 400 : 422;
    case Code::OutOfRange:
      return 422;
    case Code::DeadlineExceeded:
      return 504;
    case Code::NotFound:
      return 404;
    case Code::AlreadyExists:
      return 409;
    case Code::PermissionDenied:
      return 403;
    case Code::ResourceExhausted:
      return 429;
    case Code::FailedPrecondition:
      return error.details.find("key_reused") != std::string::npos ? 422 : 409;
    case Code::Aborted:
      return error.details.find("\"theirs\"") != std::string::npos ? 412 : 409;
    case Code::Unimplemented:
      return 501;
    case Code::Unavailable:
      return 503;
    case Code::Unauthenticated:
      return 401;
    case Code::Unknown:
    case Code::Internal:
    case Code::DataLoss:
      return 500;
  }
  return 500;
}

std::string_view code_name(Code code) {
  switch (code) {
    case Code::Ok:
      return "ok";
    case Code::Cancelled:
      return "cancelled";
    case Code::Unknown:
      return "unknown";
    case Code::InvalidArgument:
      return "invalid_argument";
    case Code::DeadlineExceeded:
      return "deadline_exceeded";
    case Code::NotFound:
      return "not_found";
    case Code::AlreadyExists:
      return "already_exists";
    case Code::PermissionDenied:
      return "permission_denied";
    case Code::ResourceExhausted:
      return "resource_exhausted";
    case Code::FailedPrecondition:
      return "failed_precondition";
    case Code::Aborted:
      return "aborted";
    case Code::OutOfRange:
      return "out_of_range";
    case Code::Unimplemented:
      return "unimplemented";
    case Code::Internal:
      return "internal";
    case Code::Unavailable:
      return "unavailable";
    case Code::DataLoss:
      return "data_loss";
    case Code::Unauthenticated:
      return "unauthenticated";
  }
  return "unknown";
}

bool is_retryable(Code code) {
  return code == Code::Unavailable || code == Code::ResourceExhausted || code == Code::DeadlineExceeded ||
         code == Code::Aborted;
}

Response problem(int status, const Error& error, std::string_view request_id) {
  if (status == 500) {
    runtime::log().error(
        "http.failed",
        {{"request_id", request_id}, {"status_code", code_name(error.code)}, {"reason", error.message}});
  }
  Response response;
  response.status = status;
  response.header("Content-Type", "application/problem+json").header("Cache-Control", "no-store");
  if (status == 401) response.header("WWW-Authenticate", "Bearer");
  if (status == 429 || status == 503) response.header("Retry-After", retry_after(status, error));
  body_of(status, error, request_id).write(response.body);
  return response;
}

Response problem(const Error& error, std::string_view request_id) {
  return problem(status_of(error), error, request_id);
}

}  // namespace talon::http
