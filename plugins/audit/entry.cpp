/// Audit entries as text, digest and link.
#include "entry.hpp"

#include <sodium.h>

#include <array>

namespace audit {

namespace {

using talon::Json;

/// The text columns, in the order of entry_fields().
struct TextColumn {
  const char* name;
  std::string Entry::*member;
};
constexpr std::array<TextColumn, 13> kTexts = {{{"kind", &Entry::kind},
                                                {"principal", &Entry::principal},
                                                {"on_behalf_of", &Entry::on_behalf_of},
                                                {"channel", &Entry::channel},
                                                {"address", &Entry::address},
                                                {"request", &Entry::request},
                                                {"type", &Entry::type},
                                                {"action", &Entry::action},
                                                {"reason", &Entry::reason},
                                                {"policy_set", &Entry::policy_set},
                                                {"content", &Entry::content},
                                                {"hash", &Entry::hash},
                                                {"chain", &Entry::chain}}};
struct NumberColumn {
  const char* name;
  int64_t Entry::*member;
};
constexpr std::array<NumberColumn, 4> kNumbers = {
    {{"id", &Entry::id}, {"at", &Entry::at}, {"record", &Entry::record}, {"seq", &Entry::seq}}};

}  // namespace

const std::vector<std::string>& entry_fields() {
  static const std::vector<std::string> kFields = [] {
    std::vector<std::string> fields;
    for (const NumberColumn& column : kNumbers) fields.emplace_back(column.name);
    for (const TextColumn& column : kTexts) fields.emplace_back(column.name);
    return fields;
  }();
  return kFields;
}

Entry entry_of(const talon::Record& record) {
  Entry entry;
  for (const NumberColumn& column : kNumbers) entry.*column.member = record.integer(column.name);
  for (const TextColumn& column : kTexts) entry.*column.member = record.text(column.name);
  return entry;
}

Entry entry_of(talon::Row row) {
  Entry entry;
  std::size_t at = 0;
  for (const NumberColumn& column : kNumbers) entry.*column.member = row[at++].integer();
  for (const TextColumn& column : kTexts) entry.*column.member = std::string(row[at++].text());
  return entry;
}

std::string canonical_text(const Entry& entry) {
  Json json = Json::object({{"at", entry.at}, {"record", entry.record}});
  json.set("id", entry.kind == "read" ? 0 : entry.id);
  for (const TextColumn& column : kTexts) {
    if (column.member != &Entry::hash && column.member != &Entry::chain)
      json.set(column.name, entry.*column.member);
  }
  return json.to_string(Json::Keys::Sorted);
}

std::string digest(std::string_view text) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> bytes{};
  crypto_hash_sha256(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
  std::array<char, crypto_hash_sha256_BYTES * 2 + 1> hex{};
  sodium_bin2hex(hex.data(), hex.size(), bytes.data(), bytes.size());
  return hex.data();
}

std::string chain_link(std::string_view before, std::string_view hash) {
  std::string text(before);
  text.push_back('\n');
  text.append(hash);
  return digest(text);
}

talon::Result<Entry> entry_of_read(std::string_view line) {
  TALON_TRY(const Json json, Json::parse(line));
  if (!json.is_object() || json["at"].integer() <= 0) return talon::invalid("a read log's line has no time");
  Entry entry;
  entry.kind = "read";
  entry.action = "view";
  entry.at = json["at"].integer();
  Json content = Json::object();
  for (const auto& [name, value] : json.members()) {
    std::string* known = name == "principal"      ? &entry.principal
                         : name == "on_behalf_of" ? &entry.on_behalf_of
                         : name == "channel"      ? &entry.channel
                         : name == "address"      ? &entry.address
                         : name == "request"      ? &entry.request
                         : name == "type"         ? &entry.type
                         : name == "action"       ? &entry.action
                         : name == "policy_set"   ? &entry.policy_set
                                                  : nullptr;
    if (known != nullptr)
      *known = std::string(value.string());
    else if (name != "at")
      content.set(name, value);
  }
  entry.content = content.to_string(Json::Keys::Sorted);
  entry.hash = digest(canonical_text(entry));
  return entry;
}

Json export_json(const Entry& entry) {
  Json json = Json::object();
  for (const NumberColumn& column : kNumbers) json.set(column.name, entry.*column.member);
  for (const TextColumn& column : kTexts) json.set(column.name, entry.*column.member);
  return json;
}

Entry entry_of_export(const Json& json) {
  Entry entry;
  for (const NumberColumn& column : kNumbers) entry.*column.member = json[column.name].integer();
  for (const TextColumn& column : kTexts) entry.*column.member = std::string(json[column.name].string());
  return entry;
}

}  // namespace audit
