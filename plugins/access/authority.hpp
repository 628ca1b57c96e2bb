/// The policy set in force, and the questions that are put to it: plan, explain, who can.
#pragma once

#include "people.hpp"
#include "policy_tests.hpp"

#include <memory>
#include <mutex>

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

  /// Reads, checks names and types, and runs the tests. Changes nothing.
  static std::shared_ptr<const CompiledSet> prepare(const std::vector<Document>& documents,
                                                    const model::Model& model, Mistakes& mistakes,
                                                    TestReport* report = nullptr);
  /// `prepare`, then swaps at once; with any mistake the old set stays in force.
  Mistakes load(const std::vector<Document>& documents, const model::Model& model);

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
  Host& host_;  // outlives this; owned by the plugin's instance
  People people_;
  mutable std::mutex mutex_;
  std::shared_ptr<const CompiledSet> set_;  // shared with the calls that are under way when it is replaced
  int64_t loaded_at_us_ = 0;
};

}  // namespace talon::access
