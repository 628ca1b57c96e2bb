/// The policy set in force, and the questions that are put to it: plan, explain, who can.
#pragma once

#include "people.hpp"
#include "policy_tests.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <set>
#include <tuple>

namespace talon::access {

/// What somebody asks about somebody: explain's question.
struct Question {
  std::string user;  ///< id or e-mail address
  std::string action;
  std::string type;
  std::string record;  ///< id; empty: any record
  std::string field;   ///< empty: none
  std::optional<Date> at;
};

/// Reads {"user","action","type","record","field","at"}; "record" may be TYPE/ID.
Result<Question> read_question(const Json& json);

/// @threads any. A set that is asked lives until the answer is there, whatever is loaded meanwhile.
class Authority {
 public:
  explicit Authority(Host& host) : host_(host), people_(host) {}

  /// Reads, and checks names and types. Changes nothing.
  /// @param documents  as `write_documents` has them. @errors InvalidArgument: no such JSON.
  static Result<std::shared_ptr<const CompiledSet>> read(std::string_view documents,
                                                         const model::Model& model, Mistakes& mistakes);
  /// What the set's own tests find.
  static Mistakes failed_tests(const CompiledSet& set, TestReport* report = nullptr);
  /// `read`, and `failed_tests` where nothing else is wrong.
  static Result<std::shared_ptr<const CompiledSet>> prepare(std::string_view documents,
                                                            const model::Model& model, Mistakes& mistakes,
                                                            TestReport* report = nullptr);
  /// `prepare`, then swaps at once; with any mistake the old set stays in force. Where sets are activated on
  /// command, another set than the one in force waits as the candidate, and is only judged beside it.
  Result<Mistakes> load(std::string_view documents, const model::Model& model);

  /// What `load` does with a set while another is in force: Wait makes it the candidate.
  enum class OnLoad { Swap, Wait };
  void set_on_load(OnLoad on_load) { on_load_ = on_load; }
  /// The set that waits, with its documents as JSON; empty where none does, and the documents where sets are
  /// not activated on command.
  struct Staged {
    std::shared_ptr<const CompiledSet> set;
    std::string documents;
  };
  Staged candidate() const;
  Staged in_force() const;
  /// The hash of the set in force; empty: none is.
  std::string hash_in_force() const;
  /// Puts a set in force; while `is_settling`, plans are not kept by whoever asks. @param next  with
  /// documents.
  void swap(Staged next, bool is_settling);
  /// Makes `next` the candidate.
  void stage(Staged next);
  bool is_settling() const;
  /// Called before each plan; an error is the plan's. Set before the first plan.
  void set_before_plan(std::function<Result<void>()> before_plan) { before_plan_ = std::move(before_plan); }

  /// Rights that came out otherwise under the candidate, as they were asked for.
  struct Difference {
    int64_t user = 0;
    std::string action;
    std::string type;
    int64_t times = 0;
    bool operator<(const Difference& other) const {
      return std::tie(user, action, type) < std::tie(other.user, other.action, other.type);
    }
  };
  std::vector<Difference> differences() const;

  /// The plan of docs/authorizer.md. Principals that are no users get one that allows nothing.
  /// @errors Unavailable: no policy set was ever loaded.
  Result<std::string> plan(const Json& principal, std::string_view action, std::string_view type);
  /// Why: {"allowed","verdict","rule","place",…,"text"} (docs/authorizer.md).
  /// @errors InvalidArgument: no such action, type or field; NotFound: no such user or record.
  Result<Json> explain(const Question& question);
  /// {"action","type","record","users":[{"user","email","name","rule","place"}]}.
  Result<Json> who_can(const Question& question);

  /// The set in force. @errors Unavailable: none.
  Result<std::shared_ptr<const CompiledSet>> set() const;
  People& people() { return people_; }
  int64_t loaded_at_us() const;

 private:
  /// What a plan is made from, taken at one moment.
  struct Moment {
    std::shared_ptr<const CompiledSet> set;
    std::shared_ptr<const CompiledSet> candidate;
    bool is_settling = false;
    uint64_t swaps = 0;
  };
  Result<Moment> moment() const;
  void note_difference(const CompiledSet& candidate, const Subject& subject, const Person& person,
                       const Difference& asked, const std::string& enforced);

  Host& host_;  // outlives this; owned by the plugin's instance
  People people_;
  mutable std::mutex mutex_;
  // Shared with the calls that are under way when they are replaced.
  Staged in_force_;
  Staged candidate_;
  bool is_settling_ = false;
  uint64_t swaps_ = 0;
  std::function<Result<void>()> before_plan_;
  std::set<Difference> differences_;
  int64_t loaded_at_us_ = 0;
  std::atomic<OnLoad> on_load_ = OnLoad::Swap;
};

}  // namespace talon::access
