/// Personal values of audit entries: outside the chain, so that somebody can be forgotten and the chain still
/// holds.
///
/// In an entry's content stands {"$personal": HASH} for the value of a field that is `personal: yes`; HASH is
/// the SHA-256 of a salt, a line feed and the value as JSON. Salt and value are a row of audit_value.
#pragma once

#include "host/storage/database.hpp"

#include <talon/json.hpp>
#include <talon/model.hpp>
#include <talon/personal_values.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace talon::records {

inline constexpr std::size_t kSaltBytes = 16;

struct PersonalValue {
  std::string path;   ///< "after.email", "before.people.0.name"
  std::string hash;   ///< hex
  std::string salt;   ///< hex
  std::string value;  ///< JSON
};

/// Takes the personal values out of the members "before" and "after" of `content`.
std::vector<PersonalValue> set_apart(const model::Model& model, const model::RecordType& type, Json& content);

/// `content` of an entry with its personal values; {"$erased": WHEN} where one was erased. Not to be called
/// while another statement of the reader is under way.
Result<Json> put_back(storage::Reader& reader, int64_t entry, Json content);

}  // namespace talon::records
