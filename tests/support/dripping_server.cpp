/// Sends one byte at a time.
#include "tests/support/dripping_server.hpp"

#include <talon/result.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace talon::support {

namespace {

constexpr int kPauseMs = 20;
constexpr int kBytesMax = 3000;  // a minute

}  // namespace

DrippingServer::DrippingServer(std::string at_once) : at_once_(std::move(at_once)) {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  TALON_CHECK(::bind(socket_, generic, size) == 0 && ::listen(socket_, 8) == 0);
  TALON_CHECK(::getsockname(socket_, generic, &size) == 0);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] {
    for (int caller = ::accept(socket_, nullptr, nullptr); caller >= 0;
         caller = ::accept(socket_, nullptr, nullptr)) {
      serve(caller);
      ::close(caller);
    }
  });
}

DrippingServer::~DrippingServer() {
  is_ending_ = true;
  ::shutdown(socket_, SHUT_RDWR);
  thread_.join();
  ::close(socket_);
}

void DrippingServer::serve(int caller) {
  std::array<char, 4096> heard{};
  if (::recv(caller, heard.data(), heard.size(), 0) <= 0) return;
  ++callers_;
  if (::send(caller, at_once_.data(), at_once_.size(), MSG_NOSIGNAL) < 0) return;
  for (int sent = 0; sent < kBytesMax && !is_ending_; ++sent) {
    pollfd gone{caller, POLLRDHUP, 0};
    if (::poll(&gone, 1, kPauseMs) != 0 || ::send(caller, "x", 1, MSG_NOSIGNAL) < 0) return;
  }
  was_heard_out_ = !is_ending_;
}

}  // namespace talon::support
