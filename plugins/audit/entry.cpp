/// Audit entries as text, digest and link.
#include "entry.hpp"

#include <talon/text.hpp>
#include <talon/utf8.hpp>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace audit {

namespace {

using talon::Json;

/// The text columns, in the order of entry_fields().
struct TextColumn {
  const char* name;
  std::string Entry::*member;
};
constexpr std::array<TextColumn, 15> kTexts = {{{"kind", &Entry::kind},
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
                                                {"salt", &Entry::salt},
                                                {"payload", &Entry::payload},
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

const std::vector<std::string>& new_entry_fields() {
  static const std::vector<std::string> kFields(entry_fields().begin() + 1, entry_fields().end());  // no id
  return kFields;
}

void append_values(Entry&& entry, std::vector<talon::Value>& values) {
  for (const NumberColumn& column : std::span(kNumbers).subspan(1)) {
    const bool is_without_place = column.member == &Entry::seq && entry.seq == 0;
    values.push_back(is_without_place ? talon::Value() : talon::Value(entry.*column.member));
  }
  for (const TextColumn& column : kTexts) values.emplace_back(std::move(entry.*column.member));
}

std::string payload_text(const Entry& entry) {
  std::string text;
  text.reserve(entry.content.size() + entry.content.size() / 4 + 120);
  text += "{\"address\":";
  talon::write_json_string(text, entry.address);
  text += ",\"content\":";
  talon::write_json_string(text, entry.content);
  text += ",\"reason\":";
  talon::write_json_string(text, entry.reason);
  text += ",\"salt\":";
  talon::write_json_string(text, entry.salt);
  text += "}";
  return text;
}

std::string canonical_text(const Entry& entry) {
  std::string text;
  text.reserve(400);
  const auto add = [&](std::string_view key, std::string_view value) {
    text.push_back(text.empty() ? '{' : ',');
    talon::write_json_member(text, key, value);
  };
  const auto add_number = [&](std::string_view key, int64_t value) {
    text.append(",\"").append(key).append("\":").append(std::to_string(value));
  };
  add("action", entry.action);
  add_number("at", entry.at);
  add("channel", entry.channel);
  add_number("id", entry.kind == "read" ? 0 : entry.id);
  add("kind", entry.kind);
  add("on_behalf_of", entry.on_behalf_of);
  add("payload", entry.payload);
  add("policy_set", entry.policy_set);
  add("principal", entry.principal);
  add_number("record", entry.record);
  add("request", entry.request);
  add("type", entry.type);
  text += "}";
  return text;
}

void withhold_masked(Entry& entry) {
  if (!entry.content.starts_with(kWithheld)) return;
  entry.salt = entry.address = entry.reason = entry.content = "";
  entry.is_withheld = true;
}

void seal_content(Entry& entry) {
  entry.salt = new_salt();
  entry.payload = digest(payload_text(entry));
  entry.hash = digest(canonical_text(entry));
}

std::string chain_link(std::string_view before, std::string_view hash) {
  return hex(sha256(before, "\n", hash));
}

std::string mistake_of(const Entry& entry) {
  const bool holds = digest(canonical_text(entry)) == entry.hash &&
                     (entry.is_emptied() || digest(payload_text(entry)) == entry.payload);
  return holds ? std::string() : std::string("its content was changed");
}

Json export_json(const Entry& entry) {
  Json json = Json::object();
  for (const NumberColumn& column : kNumbers) json.set(column.name, entry.*column.member);
  for (const TextColumn& column : kTexts) json.set(column.name, entry.*column.member);
  if (entry.is_withheld) json.set("withheld", true);
  return json;
}

Entry entry_of_export(const Json& json) {
  Entry entry;
  for (const NumberColumn& column : kNumbers) entry.*column.member = json[column.name].integer();
  for (const TextColumn& column : kTexts) entry.*column.member = std::string(json[column.name].string());
  entry.is_withheld = json["withheld"].boolean() && entry.is_emptied();
  return entry;
}

}  // namespace audit
