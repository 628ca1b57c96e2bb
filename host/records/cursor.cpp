/// Keyset cursors.
#include "host/records/cursor.hpp"

#include "host/runtime/digest.hpp"
#include "host/runtime/seal.hpp"

#include <talon/changeset.hpp>
#include <talon/json.hpp>

#include <charconv>

namespace talon::records {

namespace {

Error bad_cursor() {
  return invalid(
      "the cursor does not belong to this query; begin again without a cursor and keep filter and order");
}

/// A key for each binding, so that no one key seals more tokens than its nonces are good for.
runtime::Sealer sealer_of(std::string_view binding, std::string_view signing_key) {
  return runtime::Sealer(runtime::Secret(runtime::hmac_sha256(signing_key, binding)));
}

constexpr std::string_view kPage = "page";
constexpr std::size_t kStep = 64;  // of a cursor's length, which else would tell how long a hidden key is
constexpr std::string_view kPlace = "changes";
constexpr std::size_t kDigits = 16;  // of each number, in hexadecimal: all tokens have one length

std::string digits_of(int64_t number) {
  std::string text(kDigits, '0');
  auto rest = static_cast<uint64_t>(number);
  for (std::size_t i = kDigits; i-- > 0; rest >>= 4U) text[i] = "0123456789abcdef"[rest & 15U];
  return text;
}

int64_t number_of(std::string_view digits) {
  uint64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  return static_cast<int64_t>(number);
}

}  // namespace

std::string write_cursor(const std::vector<Value>& keys, std::string_view binding,
                         std::string_view signing_key) {
  Json values = Json::array();
  for (const Value& key : keys) values.push(to_json(key));
  std::string body = values.to_string();
  body.append(kStep - body.size() % kStep, ' ');
  return sealer_of(binding, signing_key).seal(body, kPage);
}

Result<std::vector<Value>> read_cursor(std::string_view cursor, std::string_view binding,
                                       std::string_view signing_key) {
  const auto body = sealer_of(binding, signing_key).open(cursor, kPage);
  if (!body) return bad_cursor();
  TALON_TRY(const Json values, Json::parse(*body));
  std::vector<Value> keys;
  for (const Json& value : values.items()) {
    if (value.is_number())
      keys.emplace_back(value.integer());
    else if (value.is_string())
      keys.emplace_back(value.string());
    else
      keys.emplace_back();
  }
  return keys;
}

std::string seal_place(const storage::OutboxPlace& place, std::string_view binding,
                       std::string_view signing_key) {
  return sealer_of(binding, signing_key).seal(digits_of(place.tx) + digits_of(place.id), kPlace);
}

Result<storage::OutboxPlace> open_place(std::string_view token, std::string_view binding,
                                        std::string_view signing_key) {
  const auto digits = sealer_of(binding, signing_key).open(token, kPlace);
  if (!digits || digits->size() != 2 * kDigits)
    return invalid("the token does not belong to this feed; begin again without one");
  return storage::OutboxPlace{number_of(std::string_view(*digits).substr(0, kDigits)),
                              number_of(std::string_view(*digits).substr(kDigits))};
}

}  // namespace talon::records
