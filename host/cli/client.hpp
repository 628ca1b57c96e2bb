/// Requests to a talond.
#pragma once

#include <talon/json.hpp>
#include <talon/result.hpp>
#include <talon/text.hpp>

#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace talon::cli {

struct Request {
  std::string method = "GET";
  std::string path;                                             ///< below /api/v1: "/invoices"
  std::vector<std::pair<std::string, std::string>> query = {};  ///< not encoded yet
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::optional<Json> body = {};
  bool is_at_root = false;  ///< the path stands beside the API: "/readyz"
};

struct Answer {
  int status = 0;
  std::string content_type;
  std::string etag;
  std::string body;  ///< empty where it was streamed
};

/// @threads one at a time.
class Client {
 public:
  /// @param server   "https://talon.example.com", http too.  @param token  empty: not signed in.
  /// @param ca_file  PEM of an authority beside the system's; empty: none.
  Client(std::string server, std::string token, std::string ca_file);

  /// Sends and reads the answer. @param stream  takes the body of a good answer as it comes; null: into
  /// `body`.
  /// @errors Unavailable: no connection. What a problem (RFC 9457) of the server says, with its code;
  /// `details` is the
  ///         problem's JSON.
  Result<Answer> send(const Request& request, std::ostream* stream = nullptr);
  const std::string& server() const { return server_; }
  /// From now on requests look with the eyes of that user (usr_…); the server lets reading pass and no more.
  void view_as(std::string user) { view_as_ = std::move(user); }

 private:
  std::string server_;
  std::string token_;
  std::string ca_file_;
  std::string view_as_;
};

/// Reads a problem's JSON. @param status  of the answer, where the body is none.
Error read_problem(int status, std::string_view body);

}  // namespace talon::cli
