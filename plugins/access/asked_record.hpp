/// The record that a question about rights is about: read as the system does, whatever the asker may see, and
/// what an answer shows of it.
#pragma once

#include "judge.hpp"
#include "subject.hpp"

#include <talon/plugin.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace talon::access {

/// @threads one at a time.
class AskedRecord {
 public:
  /// @param type  outlives this. @param id  empty: any record of the type.
  AskedRecord(Host& host, const model::RecordType& type, std::string id)
      : host_(host), type_(type), id_(std::move(id)) {}

  bool is_one() const { return !id_.empty(); }
  /// Reads what the set's rules about the type speak of. @errors NotFound: no such record.
  Result<void> fetch(const CompiledSet& set);
  /// Whether conditions can be judged: on one record, and on what has none at all.
  bool is_judged() const { return is_one() || type_.kind == model::Kind::Virtual; }
  Value value(std::string_view path) const;
  /// Reads this record, as long as it lives.
  ReadPath reader() const {
    return [this](std::string_view path) { return value(path); };
  }

  /// A rule with the lines of its condition; where it is judged, with their values.
  Json rule_json(const PlanRule& entry, const Subject& subject, int64_t today);
  /// Appends what the rules read of the record, as answers say it (docs/manifest.md, commands): a verdict
  /// tells of all of it.
  void add_shown(Json& shown) const;

 private:
  std::string show(const expression::Expression& line, const std::string& path,
                   const std::string& currency_path);
  void add_lines(const expression::Expression& tree, const Subject& subject, int64_t today, Json& lines);

  Host& host_;
  const model::RecordType& type_;
  std::string id_;
  std::map<std::string, Value, std::less<>> values_;
};

}  // namespace talon::access
