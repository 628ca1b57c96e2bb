/// What each line of a tests file asserts.
#include "policy_tests.hpp"

#include "compile_parts.hpp"

#include <algorithm>

namespace talon::access {

namespace {

using Values = std::map<std::string, Value, std::less<>>;

/// One test, with its person and record found.
class Case {
 public:
  Case(const CompiledSet& set, TestWorld& world, const TestCase& test, const Subject& subject, Date day,
       TestReport& report, Mistakes& mistakes)
      : set_(set),
        world_(world),
        test_(test),
        subject_(subject),
        day_(day),
        report_(report),
        mistakes_(mistakes) {}

  void on(const model::RecordType& type, const Values& values) {
    type_ = &type;
    const ReadPath read = [&](std::string_view path) { return world_.read(type, values, path); };
    for (const Word& action : test_.can) check_can(action, read);
    for (const Word& action : test_.cannot) check_cannot(action, read);
    if (is_about_fields()) check_fields(read);
  }

  void list(const model::RecordType& type, const TestFile& file) {
    type_ = &type;
    const std::string action = test_.action.text.empty() ? "view" : test_.action.text;
    if (!knows(test_.action, action)) return;
    if (test_.has_columns) check_columns(make_plan(set_, subject_, action, type.name, day_));
    for (const TestRecord& record : file.records) {
      if (record.type.text != type.name) continue;
      const Values values = world_.values(type, record, test_.with);
      const ReadPath read = [&](std::string_view path) { return world_.read(type, values, path); };
      const Plan plan = make_plan(set_, subject_, action, type.name, day_, &read);
      const bool comes = judge(plan, read, day_.packed()).is_allowed;
      const bool is_expected = names(test_.gives, record.name.text);
      expect(comes == is_expected, is_expected ? "does not get " + record.name.text + " in the list"
                                               : "gets " + record.name.text + " in the list");
    }
    for (const Word& name : test_.gives) {
      const bool is_there =
          std::any_of(file.records.begin(), file.records.end(), [&](const TestRecord& record) {
            return record.name.text == name.text && record.type.text == type.name;
          });
      if (!is_there)
        mistakes_.push_back(
            {name.file, name.place, "there is no " + type.name + " \"" + name.text + "\" in this file"});
    }
  }

 private:
  static bool names(const std::vector<Word>& words, std::string_view text) {
    return std::any_of(words.begin(), words.end(), [&](const Word& word) { return word.text == text; });
  }
  bool is_about_fields() const {
    return test_.has_sees || test_.has_columns || test_.has_hidden || test_.has_masked || test_.has_locked;
  }

  bool knows(const Word& at, const std::string& action) {
    if (type_->has_action(action)) return true;
    std::vector<std::string> known = type_->base_actions;
    for (const model::Action& own : type_->actions) known.push_back(own.name);
    const Word& place = at.text.empty() ? test_.place : at;
    mistakes_.push_back({place.file, place.place,
                         type_->name + " has no action \"" + action + "\"" + suggestion(action, known)});
    return false;
  }

  void expect(bool is_met, const std::string& what) {
    ++report_.assertions;
    if (is_met) return;
    ++report_.failed;
    say_failed(what);
  }
  void say_failed(const std::string& what) {
    mistakes_.push_back({test_.place.file, test_.place.place, "FAILED " + test_.as.text + " " + what});
  }

  void check_can(const Word& action, const ReadPath& read) {
    if (!knows(action, action.text)) return;
    const Plan plan = make_plan(set_, subject_, action.text, type_->name, day_, &read);
    const Judgement judgement = judge(plan, read, day_.packed());
    const std::string by = judgement.denies.empty()
                               ? "no rule allows it"
                               : "rule " + std::string(judgement.denies.front()->rule->id);
    expect(judgement.is_allowed, "cannot " + action.text + " (" + by + ")");
  }

  void check_cannot(const Word& action, const ReadPath& read) {
    if (!knows(action, action.text)) return;
    const Plan plan = make_plan(set_, subject_, action.text, type_->name, day_, &read);
    const Judgement judgement = judge(plan, read, day_.packed());
    if (judgement.is_allowed) {
      return expect(false,
                    "can " + action.text + " (rule " + std::string(judgement.decided_by->rule->id) + ")");
    }
    const auto is_it = [&](const PlanRule* rule) { return rule->rule->id == test_.by.text; };
    const bool is_by =
        test_.by.text.empty() || std::any_of(judgement.denies.begin(), judgement.denies.end(), is_it);
    const std::string other = judgement.denies.empty()
                                  ? "because no rule allows it"
                                  : "by " + std::string(judgement.denies.front()->rule->id);
    expect(is_by, "cannot " + action.text + " " + other + ", not by " + test_.by.text);
  }

  /// Each of `fields` has that level; an empty list: none of all fields has it.
  void check_level(const Plan& plan, const std::vector<Word>& fields, Level level, const std::string& word,
                   const ReadPath& read) {
    for (const std::string& field : field_names(*set_.model, *type_)) {
      if (!fields.empty()) break;
      if (field_of(*set_.model, *type_, field) == nullptr) continue;
      expect(level_of(plan, field, read, day_.packed()) != level, "has " + field + " " + word);
    }
    for (const Word& name : fields) {
      const std::vector<std::string> expanded = expand_field(*set_.model, *type_, name.text);
      if (expanded.empty()) {
        mistakes_.push_back({name.file, name.place,
                             type_->name + " has no field or group \"" + name.text + "\"" +
                                 suggestion(name.text, field_names(*set_.model, *type_))});
      }
      for (const std::string& field : expanded) {
        expect(level_of(plan, field, read, day_.packed()) == level, "does not have " + field + " " + word);
      }
    }
  }

  /// The fields' levels are those of the first action that the person needs to read the record.
  void check_fields(const ReadPath& read) {
    std::string action = "view";
    if (!test_.can.empty() && !names(test_.can, "view")) action = test_.can.front().text;
    if (!type_->has_action(action))
      action = type_->base_actions.empty() ? "run" : type_->base_actions.front();
    const Plan plan = make_plan(set_, subject_, action, type_->name, day_, &read);
    if (test_.has_hidden) check_level(plan, test_.hidden, Level::Hidden, "hidden", read);
    if (test_.has_masked) check_level(plan, test_.masked, Level::Masked, "masked", read);
    if (test_.has_locked) check_level(plan, test_.locked, Level::ReadOnly, "locked", read);
    if (test_.has_sees) check_sees(plan, read);
    if (test_.has_columns) check_columns(plan);
  }

  void check_columns(const Plan& plan) {
    const bool is_same = plan.has_columns && plan.columns.size() == test_.columns.size() &&
                         std::all_of(plan.columns.begin(), plan.columns.end(),
                                     [&](const std::string& column) { return names(test_.columns, column); });
    std::string columns = plan.has_columns ? "" : "all";
    for (const std::string& column : plan.columns) columns += (columns.empty() ? "" : ", ") + column;
    expect(is_same, "gets the columns " + (columns.empty() ? "(none)" : columns));
  }

  /// `sees` names all that is not hidden; a list's name stands for all of its fields.
  void check_sees(const Plan& plan, const ReadPath& read) {
    std::vector<std::string> seen;
    for (const Word& name : test_.sees) {
      const std::vector<std::string> expanded = expand_field(*set_.model, *type_, name.text);
      if (expanded.empty()) {
        mistakes_.push_back({name.file, name.place,
                             type_->name + " has no field or group \"" + name.text + "\"" +
                                 suggestion(name.text, field_names(*set_.model, *type_))});
      }
      seen.insert(seen.end(), expanded.begin(), expanded.end());
    }
    std::string more;
    std::string fewer;
    for (const std::string& field : field_names(*set_.model, *type_)) {
      if (field_of(*set_.model, *type_, field) == nullptr) continue;
      const bool is_seen = level_of(plan, field, read, day_.packed()) != Level::Hidden;
      const bool is_expected = std::find(seen.begin(), seen.end(), field) != seen.end();
      std::string& list = is_seen ? more : fewer;
      if (is_seen != is_expected) list += (list.empty() ? "" : ", ") + field;
      ++report_.assertions;
      if (is_seen != is_expected) ++report_.failed;
    }
    // A line each way, not one a field: a list that was never filled in would bury the other failures.
    if (!more.empty()) say_failed("sees " + more);
    if (!fewer.empty()) say_failed("does not see " + fewer);
  }

  const CompiledSet& set_;
  TestWorld& world_;
  const TestCase& test_;
  const Subject& subject_;
  Date day_;
  TestReport& report_;
  Mistakes& mistakes_;
  const model::RecordType* type_ = nullptr;
};

/// The day of "2026-12-10 09:00" or "2026-12-10".
std::optional<Date> read_day(const Word& word, Mistakes& mistakes) {
  const std::string_view text = word.text;
  const bool has_time = text.size() == 16 && text[10] == ' ' && text[13] == ':' &&
                        detail::digits_at(text, 11, 2) >= 0 && detail::digits_at(text, 11, 2) < 24 &&
                        detail::digits_at(text, 14, 2) >= 0 && detail::digits_at(text, 14, 2) < 60;
  const auto date = Date::parse(text.substr(0, 10));
  if (date && (text.size() == 10 || has_time)) return *date;
  mistakes.push_back(
      {word.file, word.place, "\"" + word.text + "\" is not a day or a time, as in 2026-12-10 09:00"});
  return std::nullopt;
}

/// The record `name` of the file, or an empty one of the type `name` (a plugin's commands, an action on a
/// type).
const TestRecord* find_record(const CompiledSet& set, const TestFile& file, const Word& name,
                              TestRecord& nothing, Mistakes& mistakes) {
  std::vector<std::string> names;
  for (const TestRecord& record : file.records) {
    if (record.name.text == name.text) return &record;
    names.push_back(record.name.text);
  }
  if (set.model->find(name.text) != nullptr) {
    nothing.type = name;
    return &nothing;
  }
  mistakes.push_back(
      {name.file, name.place,
       "there is no record \"" + name.text + "\" in this file" + suggestion(name.text, names)});
  return nullptr;
}

void run_file(const CompiledSet& set, const TestFile& file, RunUntil until, TestReport& report,
              Mistakes& mistakes) {
  TestWorld world(set, file, mistakes);
  const std::optional<Date> now = read_day(file.now, mistakes);
  for (const TestCase& test : file.tests) {
    if (until == RunUntil::FirstFailure && !mistakes.empty()) return;
    const std::optional<Date> day = test.at.text.empty() ? now : read_day(test.at, mistakes);
    const Person* person = world.person(test.as);
    if (!day || person == nullptr) continue;
    const Subject subject = make_subject(set, *person, *day, [&](std::string_view, std::string_view name) {
      return Result<std::optional<int64_t>>(world.id_of(name));
    });
    Case one(set, world, test, subject, *day, report, mistakes);
    TestRecord nothing;
    const TestRecord* record =
        test.on.text.empty() ? nullptr : find_record(set, file, test.on, nothing, mistakes);
    const Word& type_name = record != nullptr ? record->type : test.list;
    const model::RecordType* type = set.model->find(type_name.text);
    if (type == nullptr) {
      if (test.on.text.empty())
        mistakes.push_back(
            {type_name.file, type_name.place, "there is no record type \"" + type_name.text + "\""});
      continue;
    }
    if (record == nullptr)
      one.list(*type, file);
    else
      one.on(*type, world.values(*type, *record, test.with));
  }
}

}  // namespace

TestReport run_tests(const CompiledSet& set, Mistakes& mistakes, RunUntil until) {
  TestReport report;
  for (const TestFile& file : set.source.tests) {
    const std::size_t before = mistakes.size();
    run_file(set, file, until, report, mistakes);
    if (mistakes.size() > before && report.failed == 0) report.failed = 1;
  }
  return report;
}

}  // namespace talon::access
