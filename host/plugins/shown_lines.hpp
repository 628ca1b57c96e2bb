/// The answer of a command that shows records (`shows: records`), on its way out: what each line says that
/// it shows is taken out of it, into the read log, before the line goes on.
#pragma once

#include "host/plugins/plugins.hpp"

#include <string>
#include <string_view>

namespace talon::plugins {

/// @threads one at a time.
class ShownLines {
 public:
  /// All outlive this. @param command  as the read log names it.
  ShownLines(records::Records& records, const gate::Call& call, std::string_view command,
             const Plugins::Sink& out)
      : records_(records), call_(call), command_(command), out_(out) {}

  /// A piece of the answer; lines go on when they are whole.
  /// @errors Internal: a line is no JSON object, or `Records::log_shown`'s; the sink's.
  Result<void> take(std::string_view piece);
  /// After the last piece. @errors as `take`; Internal: no line said what it shows.
  Result<void> finish();

 private:
  Result<void> pass();  // the line that is whole

  records::Records& records_;
  const gate::Call& call_;
  std::string_view command_;
  const Plugins::Sink& out_;
  std::string line_;
  bool has_said_ = false;
};

}  // namespace talon::plugins
