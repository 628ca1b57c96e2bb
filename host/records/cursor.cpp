/// Keyset cursors.
#include "host/records/cursor.hpp"

#include "host/runtime/digest.hpp"

#include <talon/changeset.hpp>
#include <talon/json.hpp>

namespace talon::records {

namespace {

std::string signature(std::string_view body, std::string_view binding, std::string_view signing_key) {
  std::string text(body);
  text.append("\n").append(binding);
  return runtime::hmac_sha256(signing_key, text).substr(0, 16);
}

Error bad_cursor() {
  return invalid(
      "the cursor does not belong to this query; begin again without a cursor and keep filter and order");
}

}  // namespace

std::string write_cursor(const std::vector<Value>& keys, std::string_view binding,
                         std::string_view signing_key) {
  Json values = Json::array();
  for (const Value& key : keys) values.push(to_json(key));
  const std::string body = values.to_string();
  return runtime::base64url(signature(body, binding, signing_key) + body);
}

Result<std::vector<Value>> read_cursor(std::string_view cursor, std::string_view binding,
                                       std::string_view signing_key) {
  auto decoded = runtime::from_base64url(cursor);
  if (!decoded || decoded->size() < 16) return bad_cursor();
  const std::string body = decoded->substr(16);
  if (!runtime::is_equal_constant_time(decoded->substr(0, 16), signature(body, binding, signing_key))) {
    return bad_cursor();
  }
  TALON_TRY(const Json values, Json::parse(body));
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

}  // namespace talon::records
