/// Running the tests files of a policy set: people, records and a clock, in memory.
#pragma once

#include "judge.hpp"

namespace talon::access {

struct TestReport {
  int assertions = 0;
  int failed = 0;
};

/// Runs all tests of the set.
/// @param until  FirstFailure ends with it: for whoever asks only whether there is one.
/// @param mistakes  failures and names that do not exist are appended: `FAILED ann cannot approve (rule
/// four-eyes)`.
/// @threads any; pure.
enum class RunUntil { End, FirstFailure };
TestReport run_tests(const CompiledSet& set, Mistakes& mistakes, RunUntil until = RunUntil::End);

/// A record of a tests file as typed values; links lead to other records of the file.
class TestWorld {
 public:
  TestWorld(const CompiledSet& set, const TestFile& file, Mistakes& mistakes);

  /// The id that stands for `name`: the real one for "pty_…", else one that is made up for the file.
  int64_t id_of(std::string_view name);
  /// The values of `record`, with `with` in place of its own.
  std::map<std::string, Value, std::less<>> values(const model::RecordType& type, const TestRecord& record,
                                                   const std::map<std::string, Word, std::less<>>& with);
  /// Follows links from the record with `values`.
  Value read(const model::RecordType& type, const std::map<std::string, Value, std::less<>>& values,
             std::string_view path) const;
  /// The person of a test, from the file's users or from users.yaml; null after a mistake.
  const Person* person(const Word& name);

 private:
  struct Linked {
    const model::RecordType* type = nullptr;
    std::map<std::string, Value, std::less<>> values;
  };

  Value value(const model::RecordType& type, const std::map<std::string, Word, std::less<>>& fields,
              const Word& word, const model::Field& field);

  const CompiledSet& set_;
  const TestFile& file_;
  Mistakes& mistakes_;
  std::map<std::string, int64_t, std::less<>> ids_;
  std::map<int64_t, Linked> linked_;
  std::map<std::string, Person, std::less<>> people_;
};

}  // namespace talon::access
