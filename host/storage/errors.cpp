/// Errors that both databases tell in the same words.
#include "host/storage/errors.hpp"

#include <talon/json.hpp>

namespace talon::storage {

Error duplicate_key(const std::string& constraint) {
  return {Code::AlreadyExists, "another record has the same key (" + constraint + ")",
          Json::object({{"constraint", Json(constraint)}}).to_string()};
}

Error unexpected_rows(int64_t expected, int64_t met) {
  return {Code::Aborted, "another change came first: " + std::to_string(met) + " rows met where " +
                             std::to_string(expected) + " were expected; read the record again"};
}

Error sum_too_large() {
  return {Code::OutOfRange, "a sum goes beyond 64 bits; filter for fewer records, or group them"};
}

std::string constraint_of(const Error& error) {
  if (error.code != Code::AlreadyExists || error.details.empty()) return {};
  const auto details = Json::parse(error.details);
  return details ? std::string((*details)["constraint"].string()) : std::string();
}

}  // namespace talon::storage
