/// Questions about rights: many of them cost one SELECT a decision.
#include "host/records/inside.hpp"
#include "host/records/records.hpp"
#include "host/records/rights.hpp"

#include <talon/id.hpp>
#include <talon/text.hpp>

#include <algorithm>
#include <map>
#include <vector>

namespace talon::records {

namespace {

using Verdict = gate::Decision::Verdict;

constexpr std::size_t kNowhere = SIZE_MAX;

/// What is asked of records of one type, with the plans that answer it: taken before the snapshot is opened,
/// since the authorizer is a plugin that may read for itself.
struct Right {
  std::string_view action;
  std::string_view type_name;
  const TypeInfo* type = nullptr;
  std::shared_ptr<const gate::Decision> decision;
  /// Of "view", beside another action: a rule about that says nothing about a record that the caller cannot
  /// see.
  std::shared_ptr<const gate::Decision> seen;

  bool is_never() const { return decision->verdict() == Verdict::Never; }
  /// Whether one of its records can be asked about; of no other type is there one.
  bool has_records() const { return type->type->kind == model::Kind::Stored; }

  /// Where the two stand among the decisions that records of the type are judged by; set by `Judged`.
  std::size_t decision_place = kNowhere;
  std::size_t seen_place = kNowhere;
};

/// Reads the rights that questions ask about, each once: a page of records asks about a few.
class Asking {
 public:
  Asking(Records::Inside& inside, const Generation& generation, const Call& call)
      : inside_(inside), generation_(generation), call_(call) {}

  /// @param question  outlives this.  @return a place in `rights`.
  Result<std::size_t> right_of(const Question& question) {
    // They come in the same order for each record.
    for (std::size_t i = 0; i < rights_.size(); ++i) {
      if (++last_ >= rights_.size()) last_ = 0;
      const Right& right = rights_[last_];
      if (right.action == question.action && right.type_name == question.type) return last_;
    }
    TALON_TRY(Right right, read(question.action, question.type));
    rights_.push_back(std::move(right));
    last_ = rights_.size() - 1;
    return last_;
  }
  std::vector<Right>& rights() { return rights_; }

 private:
  Result<Right> read(std::string_view action, std::string_view type_name) const {
    Right right;
    right.action = action;
    right.type_name = type_name;
    TALON_TRY(right.type, Records::Inside::find_type(generation_, type_name));
    const model::RecordType& type = *right.type->type;
    if (!type.has_action(action)) return invalid(type.name + " has no action " + echoed(action));
    TALON_TRY(right.decision, inside_.parts.gate->decide(call_.principal, action, type.name));
    if (!right.has_records() || right.is_never() || action == "view") return right;
    TALON_TRY(right.seen, inside_.parts.gate->decide(call_.principal, "view", type.name));
    return right;
  }

  Records::Inside& inside_;
  const Generation& generation_;
  const Call& call_;
  std::vector<Right> rights_;
  std::size_t last_ = 0;  // which was asked about last
};

/// Without a record: as if all its fields were empty.
bool is_allowed_by_itself(const gate::Decision& decision, int64_t today) {
  if (decision.verdict() != Verdict::Conditional) return decision.verdict() == Verdict::Always;
  return decision.allows_row(std::vector<Cell>(decision.slots().size()), today);
}

/// A question about one record.
struct AboutOne {
  int64_t id = 0;  ///< 0: of none that can be
  std::size_t place = 0;
  Right* right = nullptr;
};

/// Decisions by which records of one type are judged, and how they came out. A right that every record gives
/// says nothing of one that is not there: no is the answer for that as for one out of sight.
class Judged {
 public:
  /// @param questions  outlive this; of one type, at least one.
  explicit Judged(const std::vector<AboutOne>& questions) : questions_(questions) {
    for (const AboutOne& question : questions) {
      Right& right = *question.right;
      place(right.decision.get(), right.decision_place);
      place(right.seen.get(), right.seen_place);
      if (ids_.empty() || ids_.back() != question.id) ids_.push_back(question.id);
    }
    // Also where nothing is open, one SELECT tells which of them there are.
    if (decisions_.empty()) decisions_.push_back(questions.front().right->decision.get());
    std::sort(ids_.begin(), ids_.end());
    ids_.erase(std::unique(ids_.begin(), ids_.end()), ids_.end());
    allowed_.resize(ids_.size() * decisions_.size());
    is_there_.resize(ids_.size());
  }

  Result<void> read(const Records::Inside& inside, const Generation& generation, storage::Reader& reader) {
    // A read may be tried again.
    std::fill(allowed_.begin(), allowed_.end(), false);
    std::fill(is_there_.begin(), is_there_.end(), false);
    const TypeInfo& type = *questions_.front().right->type;
    return allows_each(inside, generation, decisions_, type, ids_, reader,
                       [&](int64_t id, const std::vector<bool>& allowed) {
                         const std::size_t row = row_of(id);
                         is_there_[row] = true;
                         for (std::size_t i = 0; i < allowed.size(); ++i)
                           allowed_[row * allowed.size() + i] = allowed[i];
                       });
  }
  void answer(std::vector<bool>& answers) {
    for (const AboutOne& question : questions_) {
      const std::size_t row = row_of(question.id);
      const Right& right = *question.right;
      answers[question.place] = is_there_[row] && allows(row, right.decision.get(), right.decision_place) &&
                                allows(row, right.seen.get(), right.seen_place);
    }
  }

 private:
  static bool is_open(const gate::Decision* decision) {
    return decision != nullptr && decision->verdict() != Verdict::Always;
  }
  void place(const gate::Decision* decision, std::size_t& place) {
    if (!is_open(decision) || place != kNowhere) return;
    const auto known = std::find(decisions_.begin(), decisions_.end(), decision);
    place = static_cast<std::size_t>(known - decisions_.begin());
    if (known == decisions_.end()) decisions_.push_back(decision);
  }
  /// A page asks about one record after the other: mostly it is the same as before.
  std::size_t row_of(int64_t id) {
    if (ids_[row_] != id)
      row_ = static_cast<std::size_t>(std::lower_bound(ids_.begin(), ids_.end(), id) - ids_.begin());
    return row_;
  }
  bool allows(std::size_t row, const gate::Decision* decision, std::size_t place) const {
    return !is_open(decision) || allowed_.at(row * decisions_.size() + place);
  }

  const std::vector<AboutOne>& questions_;
  std::vector<const gate::Decision*> decisions_;
  std::vector<int64_t> ids_;
  std::size_t row_ = 0;  ///< of the record that was looked for last
  std::vector<bool> allowed_;
  std::vector<bool> is_there_;
};

}  // namespace

Result<bool> Records::check(const Call& call, const Question& question) {
  TALON_TRY(const std::vector<bool> answers, check(call, {&question, 1}));
  return answers[0];
}

Result<std::vector<bool>> Records::check(const Call& call, std::span<const Question> questions) {
  if (questions.size() > kQuestionsMax)
    return invalid("at most " + std::to_string(kQuestionsMax) + " questions are answered at once");
  const auto generation = inside_->generation();
  Asking asking(*inside_, *generation, call);
  std::vector<std::size_t> asked;
  asked.reserve(questions.size());
  for (const Question& question : questions) {
    TALON_TRY(const std::size_t right, asking.right_of(question));
    asked.push_back(right);
  }
  const int64_t today = inside_->parts.today();
  std::vector<bool> answers(asked.size());
  std::map<const TypeInfo*, std::vector<AboutOne>> open;
  auto of_type = open.end();  // mostly the one before
  for (std::size_t i = 0; i < asked.size(); ++i) {
    Right& right = asking.rights()[asked[i]];
    const std::optional<std::string_view>& id = questions[i].id;
    if (!id) answers[i] = is_allowed_by_itself(*right.decision, today);
    if (!id || right.is_never() || !right.has_records()) continue;
    if (of_type == open.end() || of_type->first != right.type) of_type = open.try_emplace(right.type).first;
    std::vector<AboutOne>& about = of_type->second;
    if (about.empty()) about.reserve(asked.size() - i);
    if (!about.empty() && questions[about.back().place].id == id) {  // a page asks for all rights to each
      about.push_back({about.back().id, i, &right});
      continue;
    }
    const auto read = parse_id(*id, right.type->type->prefix);
    about.push_back({read ? *read : 0, i, &right});
  }
  if (open.empty()) return answers;
  std::vector<Judged> judged;
  judged.reserve(open.size());
  for (const auto& [type, about] : open) judged.emplace_back(about);
  TALON_DO(inside_->parts.database->read([&](storage::Reader& reader) -> Result<void> {
    for (Judged& each : judged) TALON_DO(each.read(*inside_, *generation, reader));
    return {};
  }));
  for (Judged& each : judged) each.answer(answers);
  return answers;
}

}  // namespace talon::records
