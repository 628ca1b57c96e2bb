/// A blocking socket that sends whatever bytes a test wants and reads answers, for the listener's tests.
#pragma once

#include "host/http/listener.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <string_view>

namespace talon::http::test {

class Client {
 public:
  explicit Client(uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  }
  ~Client() { close(); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  int fd() const { return fd_; }
  bool is_connected() const { return is_connected_; }
  bool send(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  /// Reads what comes next, at most `max` bytes; empty: the end, or nothing within `wait_ms`.
  std::string read(std::size_t max = 65536, int wait_ms = 5000) const {
    pollfd waits{fd_, POLLIN, 0};
    if (::poll(&waits, 1, wait_ms) <= 0) return {};
    std::string data(max, '\0');
    const ssize_t got = ::recv(fd_, data.data(), data.size(), 0);
    data.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return data;
  }
  /// Reads until the other side closes (or 5 s pass without a byte).
  std::string read_all() const {
    std::string all;
    for (std::string part = read(); !part.empty(); part = read()) all += part;
    return all;
  }
  /// Reads until `all` holds `mark`. @return what was read so far.
  std::string read_until(std::string_view mark) {
    while (kept_.find(mark) == std::string::npos) {
      const std::string part = read();
      if (part.empty()) break;
      kept_ += part;
    }
    const std::size_t end = kept_.find(mark);
    const std::size_t size = end == std::string::npos ? kept_.size() : end + mark.size();
    std::string text = kept_.substr(0, size);
    kept_.erase(0, size);
    return text;
  }
  /// Reads one answer with a Content-Length.
  std::string answer() {
    std::string text = read_until("\r\n\r\n");
    const std::size_t at = text.find("Content-Length: ");
    if (at == std::string::npos) return text;
    const auto size = static_cast<std::size_t>(std::atoll(text.c_str() + at + 16));
    while (kept_.size() < size) {
      const std::string part = read();
      if (part.empty()) break;
      kept_ += part;
    }
    text += kept_.substr(0, size);
    kept_.erase(0, size);
    return text;
  }
  std::string get(std::string_view path, std::string_view more = {}) {
    send("GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n" + std::string(more) + "\r\n");
    return answer();
  }

 private:
  int fd_;
  bool is_connected_ = false;
  std::string kept_;
};

inline int status_in(std::string_view answer) {
  return answer.size() > 12 ? std::atoi(std::string(answer.substr(9, 3)).c_str()) : 0;
}
inline std::string_view body_in(std::string_view answer) {
  const std::size_t at = answer.find("\r\n\r\n");
  return at == std::string_view::npos ? std::string_view() : answer.substr(at + 4);
}

}  // namespace talon::http::test
