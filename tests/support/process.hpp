/// Child processes of tests: started with their output captured, ended by id, never outliving the test.
#pragma once

#include <talon/result.hpp>

#include <chrono>
#include <csignal>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace talon::support {

struct ChildOptions {
  std::string user = {};       ///< run as this user when the test runs as root; empty: as the test
  std::string directory = {};  ///< working folder; empty: the test's
  std::vector<std::string> environment = {};  ///< "NAME=value", beside the test's own
  int death_signal = SIGKILL;                 ///< what the child gets when the starting thread dies
};

/// A running program. Its standard output and standard error are read into memory by a thread of ours.
/// @threads one owner; start it from a thread that lives as long as the child should.
class Child {
 public:
  /// @param arguments  the program (looked up in PATH) and its arguments.
  /// @errors Unavailable: it could not be started.
  static Result<Child> start(const std::vector<std::string>& arguments, const ChildOptions& options = {});
  Child(Child&&) noexcept;
  Child& operator=(Child&&) noexcept;
  ~Child();  ///< kills it (SIGKILL) and waits, if it still runs

  int pid() const;
  bool is_running();
  void signal(int number);
  /// Waits for its end. @return its exit code, or 128 + the signal that ended it.
  int wait();
  /// As `wait`, but −1 if it still runs after `limit`.
  int wait_for(std::chrono::milliseconds limit);
  /// Standard output so far; all of it after `wait`.
  std::string output() const;
  /// Standard error so far.
  std::string errors() const;
  /// Waits until `text` stands in the output or the errors. @return false: it ended or `limit` passed first.
  bool wait_for_text(std::string_view text, std::chrono::milliseconds limit = std::chrono::seconds(30));

 private:
  struct State;
  explicit Child(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

struct Finished {
  int code = 0;  ///< as of Child::wait
  std::string output;
  std::string errors;
};

/// Starts, waits, and gives what it wrote.
Result<Finished> run_program(const std::vector<std::string>& arguments, const ChildOptions& options = {});

/// A TCP port of 127.0.0.1 that nobody listens on right now.
int free_port();

/// The program's full path, looked for in `folders` and then in PATH; empty: it is nowhere.
std::string find_program(std::string_view name, const std::vector<std::string>& folders = {});

/// For what a test cannot do without: says why on standard error and ends the program.
[[noreturn]] void give_up(const std::string& why);

}  // namespace talon::support
