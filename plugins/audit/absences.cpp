/// What is gone from the log by right.
#include "absences.hpp"

#include <talon/date.hpp>
#include <talon/id.hpp>

#include <algorithm>

namespace audit {

namespace {

std::string author_of(const Entry& entry) {
  return entry.on_behalf_of.empty() ? entry.principal : entry.on_behalf_of + " (" + entry.principal + ")";
}

}  // namespace

void Absences::take(const Entry& entry) {
  if (entry.is_withheld) {
    ++withheld_;
    return;
  }
  if (entry.is_emptied()) {
    ++expired_;
    Gone& gone = emptied_[{entry.kind, entry.type}];
    if (entry.at >= gone.last_at) gone = {entry.at, entry.id};
    return;
  }
  const bool is_expiry = entry.type == "audit_expiry";
  if ((!is_expiry && entry.type != "audit_erasure") || entry.kind == "read") return;
  const auto content = talon::Json::parse(entry.content);
  if (!content) return;
  const talon::Json& after = (*content)["after"];
  if (is_expiry) {
    const auto before = talon::Timestamp::parse(after["before"].string());
    if (before)
      expiries_.push_back(
          {std::string(after["kind"].string()), std::string(after["type"].string()), before->us()});
    return;
  }
  Erasure& erasure = erasures_[{std::string(after["type"].string()), after["record"].integer()}];
  erasure = {std::string(after["subject"].string()), author_of(entry), entry.at,
             erasure.values + after["values"].integer()};
}

void Absences::value_gone(const std::string& type, int64_t record, int64_t entry) {
  valueless_.emplace(std::pair(type, record), entry);
}

std::string Absences::problem() const {
  for (const auto& [name, gone] : emptied_) {
    const auto& [kind, type] = name;
    const bool is_covered =
        std::any_of(expiries_.begin(), expiries_.end(), [&, &gone = gone](const Expiry& expiry) {
          return (expiry.kind == "*" || expiry.kind == name.first) &&
                 (expiry.type == "*" || expiry.type == name.second) && gone.last_at < expiry.before;
        });
    if (!is_covered) {
      return "entry " + talon::id_text("aud", gone.entry) + " (" + kind +
             (type.empty() ? "" : " of " + type) +
             ") has lost its content, and no expiry in the log covers it";
    }
  }
  for (const auto& [subject, entry] : valueless_) {
    if (erasures_.contains(subject)) continue;
    return "a personal value of entry " + talon::id_text("aud", entry) +
           " is gone, and no erasure in the log covers it";
  }
  return {};
}

std::vector<Erasure> Absences::erasures() const {
  std::vector<Erasure> list;
  for (const auto& [subject, erasure] : erasures_) list.push_back(erasure);
  return list;
}

}  // namespace audit
