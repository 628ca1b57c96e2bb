/// The provider's addresses and keys.
#include "provider.hpp"

#include <talon/date.hpp>

#include <array>

namespace talon::oidc {

namespace {

constexpr int64_t kKeptUs = 3600 * kSecondUs;     // a key that the provider gave up is no longer taken then
constexpr int64_t kKeysAgainUs = 10 * kSecondUs;  // for a key that we do not know
constexpr int64_t kFailedUs = 5 * kSecondUs;

/// What is kept, or read anew. The lock of the caller makes those who come meanwhile wait for one reading.
template <typename Cell, typename Read>
auto fresh(Cell& cell, int64_t now_us, int64_t young_us, const Read& read) -> Result<decltype(cell.value)> {
  if (cell.read_us > 0 && now_us - cell.read_us < young_us) return cell.value;
  if (cell.failed_us > 0 && now_us - cell.failed_us < kFailedUs) return cell.failure;
  auto value = read();
  if (!value) {
    cell.failed_us = now_us;
    cell.failure = value.error();
    return cell.failure;
  }
  cell.value = *std::move(value);
  cell.read_us = now_us;
  cell.failed_us = 0;
  return cell.value;
}

}  // namespace

Result<Addresses> Provider::addresses() {
  const std::lock_guard lock(addresses_mutex_);
  return fresh(addresses_, host_.now_us(), kKeptUs, [this] { return read_addresses(); });
}

Result<Addresses> Provider::read_addresses() const {
  std::string base = settings_.issuer;
  while (base.ends_with('/')) base.pop_back();
  const std::string place = base + "/.well-known/openid-configuration";
  TALON_TRY(const Answer answer, http_.get(place));
  if (answer.status != 200 || !answer.json.is_object()) {
    return unavailable(place + ": the provider answers with status " + std::to_string(answer.status) +
                       " and no description of itself");
  }
  // To the letter (OpenID Connect Discovery 1.0, section 4.3): else somebody else's answers were taken.
  if (answer.json["issuer"].string() != settings_.issuer) {
    return failed_precondition(place + ": it names the issuer \"" +
                               std::string(answer.json["issuer"].string().substr(0, 200)) +
                               "\"; write that into plugins.settings.oidc.issuer, if it is yours");
  }
  Addresses addresses{std::string(answer.json["authorization_endpoint"].string()),
                      std::string(answer.json["token_endpoint"].string()),
                      std::string(answer.json["userinfo_endpoint"].string()),
                      std::string(answer.json["jwks_uri"].string()),
                      answer.json["authorization_response_iss_parameter_supported"].boolean()};
  const std::array<std::pair<const char*, const std::string*>, 3> needed = {
      {{"authorization_endpoint", &addresses.authorization},
       {"token_endpoint", &addresses.token},
       {"jwks_uri", &addresses.keys}}};
  for (const auto& [name, address] : needed) {
    if (!is_fit(*address)) {
      return failed_precondition(place + ": " + name + " is \"" + address->substr(0, 200) +
                                 "\", neither https nor on this machine");
    }
  }
  if (!is_fit(addresses.userinfo)) addresses.userinfo.clear();
  return addresses;
}

Result<Json> Provider::read_keys(const std::string& address) const {
  TALON_TRY(Answer answer, http_.get(address));
  if (answer.status == 200 && answer.json["keys"].is_array()) return std::move(answer.json);
  return unavailable(address + ": the provider answers with status " + std::to_string(answer.status) +
                     " and no keys");
}

Result<Json> Provider::keys(Reading reading) {
  TALON_TRY(const Addresses where, addresses());
  const std::lock_guard lock(keys_mutex_);
  const int64_t now = host_.now_us();
  const bool is_anew = reading == Reading::Anew && now - anew_us_ >= kKeysAgainUs;
  if (is_anew) anew_us_ = now;
  return fresh(keys_, now, is_anew ? 0 : kKeptUs, [&] { return read_keys(where.keys); });
}

Result<void> Provider::check_signature(const Token& token) {
  for (const Reading reading : {Reading::Kept, Reading::Anew}) {
    TALON_TRY(const Json set, keys(reading));
    const std::vector<Json> candidates = keys_for(set, token);
    if (is_signed_by(token, candidates)) return {};
    // A key of that name is there: the signature is wrong, not the key unknown.
    if (!candidates.empty() && !token.key_id.empty()) return refused("token_signature", token.key_id);
  }
  return refused("token_key", token.key_id);
}

}  // namespace talon::oidc
