/// Proxies in front of us.
#include "host/http/proxies.hpp"

#include <talon/text.hpp>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <algorithm>
#include <type_traits>

namespace talon::http {

namespace ip = boost::asio::ip;
using boost::system::error_code;

struct Proxies::Networks {
  std::vector<ip::network_v4> v4;
  std::vector<ip::network_v6> v6;
};

namespace {

constexpr unsigned short kBits4 = 32;
constexpr unsigned short kBits6 = 128;

/// "::ffff:10.0.0.7", as a socket of both kinds shows an IPv4 peer, is 10.0.0.7.
ip::address plain(const ip::address& address) {
  const bool is_mapped = address.is_v6() && address.to_v6().is_v4_mapped();
  return is_mapped ? ip::address(ip::make_address_v4(ip::v4_mapped, address.to_v6())) : address;
}

/// The last word of a comma-separated list, taken off it.
std::string_view take_last(std::string_view& list) {
  const std::size_t comma = list.rfind(',');
  const std::string_view last = comma == std::string_view::npos ? list : list.substr(comma + 1);
  list = comma == std::string_view::npos ? std::string_view() : list.substr(0, comma);
  return trimmed(last);
}

/// All values of a header as one list, in order (RFC 9110, 5.2).
std::string joined(const Request& request, std::string_view name) {
  std::string all;
  for (const auto& [key, value] : request.headers) {
    if (is_same_name(key, name)) all += (all.empty() ? "" : ",") + value;
  }
  return all;
}

}  // namespace

Result<std::shared_ptr<const Proxies>> Proxies::read(const std::vector<std::string>& networks) {
  auto all = std::make_shared<Networks>();
  for (const std::string& text : networks) {
    error_code error;
    if (const ip::address alone = ip::make_address(text, error); !error) {
      if (alone.is_v4())
        all->v4.emplace_back(alone.to_v4(), kBits4);
      else
        all->v6.emplace_back(alone.to_v6(), kBits6);
      continue;
    }
    if (const ip::network_v4 network = ip::make_network_v4(text, error); !error) {
      all->v4.push_back(network);
      continue;
    }
    const ip::network_v6 network = ip::make_network_v6(text, error);
    if (error) return invalid("\"" + text + "\" is no address and no network, as in 10.0.0.7 or 10.0.0.0/8");
    all->v6.push_back(network);
  }
  return std::shared_ptr<const Proxies>(new Proxies(std::move(all)));
}

bool Proxies::trusts(const std::string& text) const {
  if (networks_->v4.empty() && networks_->v6.empty()) return false;
  error_code error;
  const ip::address address = plain(ip::make_address(text, error));
  if (error) return false;
  const auto is_in = [](const auto& network, const auto& one) {
    const auto bits = network.prefix_length();
    using Network = std::decay_t<decltype(network)>;
    return Network(one, bits).canonical() == network.canonical();
  };
  if (address.is_v4()) {
    return std::any_of(networks_->v4.begin(), networks_->v4.end(),
                       [&](const ip::network_v4& network) { return is_in(network, address.to_v4()); });
  }
  return std::any_of(networks_->v6.begin(), networks_->v6.end(),
                     [&](const ip::network_v6& network) { return is_in(network, address.to_v6()); });
}

void Proxies::apply(Request& request) const {
  if (!trusts(request.peer)) return;
  const std::string schemes = joined(request, "X-Forwarded-Proto");
  std::string_view scheme = schemes;
  request.is_tls = request.is_tls || is_same_name(take_last(scheme), "https");
  const std::string hops = joined(request, "X-Forwarded-For");
  for (std::string_view left = hops; !left.empty();) {
    const std::string_view hop = take_last(left);
    error_code error;
    const ip::address address = ip::make_address(hop, error);
    if (error) return;  // whoever wrote that is not believed; the proxy is the last one known
    request.peer = plain(address).to_string();
    if (!trusts(request.peer)) return;
  }
}

}  // namespace talon::http
