/// What is gone from the log by right.
#include "absences.hpp"

#include "signing.hpp"

#include <talon/date.hpp>
#include <talon/id.hpp>

#include <algorithm>

namespace audit {

namespace {

std::string author_of(const Entry& entry) {
  return entry.on_behalf_of.empty() ? entry.principal : entry.on_behalf_of + " (" + entry.principal + ")";
}

}  // namespace

bool Absences::Expiry::covers(const std::string& of_kind, const std::string& of_type, int64_t at) const {
  const auto is = [&](const std::string& one, const std::string& other) {
    return one == "*" || one == other;
  };
  return is(kind, of_kind) && is(type, of_type) && at < before &&
         std::none_of(except.begin(), except.end(), [&](const std::string& word) {
           const std::size_t slash = std::min(word.find('/'), word.size() - 1);
           return is(word.substr(0, slash), of_kind) && is(word.substr(slash + 1), of_type);
         });
}

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
    expired_by_right_ += after["entries"].integer();
    if (before)
      expiries_.push_back({std::string(after["kind"].string()), std::string(after["type"].string()),
                           before->us(), words(after["except"].string())});
    return;
  }
  Erasure& erasure = erasures_[{std::string(after["type"].string()), after["record"].integer()}];
  erasure = {std::string(after["subject"].string()), author_of(entry), entry.at,
             erasure.values + after["values"].integer()};
}

void Absences::value_gone(const std::string& type, int64_t record, int64_t entry) {
  Valueless& valueless = valueless_[{type, record}];
  valueless.entry = entry;
  ++valueless.count;
}

std::string Absences::problem() const {
  for (const auto& [name, gone] : emptied_) {
    const auto& [kind, type] = name;
    const bool is_covered =
        std::any_of(expiries_.begin(), expiries_.end(), [&, &gone = gone](const Expiry& expiry) {
          return expiry.covers(name.first, name.second, gone.last_at);
        });
    if (!is_covered) {
      return "entry " + talon::id_text("aud", gone.entry) + " (" + kind +
             (type.empty() ? "" : " of " + type) +
             ") has lost its content, and no expiry in the log covers it";
    }
  }
  if (expired_ > expired_by_right_) {
    return std::to_string(expired_) + " entries have lost their content, and the expiries in the log cover " +
           std::to_string(expired_by_right_);
  }
  for (const auto& [subject, gone] : valueless_) {
    const auto erasure = erasures_.find(subject);
    if (erasure != erasures_.end() && gone.count <= erasure->second.values) continue;
    return "a personal value of entry " + talon::id_text("aud", gone.entry) +
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
