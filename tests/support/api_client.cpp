/// A small HTTP/1.1 client over a socket.
#include "tests/support/api_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <cstdlib>

namespace talon::support {

ApiClient::~ApiClient() { close(); }

void ApiClient::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
  kept_.clear();
}

bool ApiClient::connect() {
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port_);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const timeval limit{60, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (!source_.empty()) {
    sockaddr_in from{};
    from.sin_family = AF_INET;
    ::inet_pton(AF_INET, source_.c_str(), &from.sin_addr);
    if (::bind(fd_, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0) {
      close();
      return false;
    }
  }
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0) return true;
  close();
  return false;
}

bool ApiClient::send(std::string_view text) const {
  while (!text.empty()) {
    const ssize_t sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool ApiClient::receive() {
  char buffer[65536];
  const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
  if (got <= 0) return false;
  kept_.append(buffer, static_cast<std::size_t>(got));
  return true;
}

bool ApiClient::fill(std::size_t size) {
  while (kept_.size() < size) {
    if (!receive()) return false;
  }
  return true;
}

bool ApiClient::read_head(Answer& answer) {
  std::size_t end = kept_.find("\r\n\r\n");
  while (end == std::string::npos) {
    if (!receive()) return false;
    end = kept_.find("\r\n\r\n");
  }
  const std::string head = kept_.substr(0, end);
  kept_.erase(0, end + 4);
  answer.status = std::atoi(head.c_str() + head.find(' ') + 1);
  for (std::size_t at = head.find("\r\n"); at != std::string::npos; at = head.find("\r\n", at + 2)) {
    const std::size_t colon = head.find(": ", at);
    if (colon == std::string::npos) break;
    std::string name = head.substr(at + 2, colon - at - 2);
    name = lower_case(name);
    answer.headers[name] = head.substr(colon + 2, head.find("\r\n", colon) - colon - 2);
  }
  return true;
}

bool ApiClient::read_body(Answer& answer) {
  if (answer.headers["transfer-encoding"] != "chunked") {
    const auto size = static_cast<std::size_t>(std::atoll(answer.headers["content-length"].c_str()));
    if (!fill(size)) return false;
    answer.text = kept_.substr(0, size);
    kept_.erase(0, size);
    return true;
  }
  while (true) {
    std::size_t line = kept_.find("\r\n");
    while (line == std::string::npos) {
      if (!receive()) return false;
      line = kept_.find("\r\n");
    }
    const auto size = static_cast<std::size_t>(std::strtoll(kept_.c_str(), nullptr, 16));
    if (!fill(line + 2 + size + 2)) return false;
    answer.text += kept_.substr(line + 2, size);
    kept_.erase(0, line + 2 + size + 2);
    if (size == 0) return true;
  }
}

Answer ApiClient::call(std::string_view method, std::string_view path, std::string_view body,
                       std::string_view headers) {
  std::string text;
  text.append(method).append(" ").append(path).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\n");
  if (!token_.empty()) text.append("Authorization: Bearer ").append(token_).append("\r\n");
  if (!body.empty()) text.append("Content-Type: application/json\r\n");
  text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
  text.append(headers).append("\r\n").append(body);
  const bool was_kept = fd_ >= 0;
  Answer answer;
  if ((!was_kept && !connect()) || !send(text) || !read_head(answer)) {
    // A kept connection may have been closed meanwhile: once more on a fresh one, for requests without an
    // effect.
    close();
    answer = {};
    if (!was_kept || method != "GET" || !connect() || !send(text) || !read_head(answer)) return {};
  }
  if (method != "HEAD" && answer.status != 204 && answer.status != 304 && !read_body(answer)) {
    close();
    return {};
  }
  if (answer.headers["connection"] == "close") close();
  if (auto json = Json::parse(answer.text)) answer.json = *std::move(json);
  return answer;
}

}  // namespace talon::support
