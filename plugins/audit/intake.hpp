/// Takes the read log's files into the log: lines → entries, and who saw which record when.
#pragma once

#include "chain.hpp"
#include "read_line.hpp"
#include "read_log.hpp"
#include "turns.hpp"

#include <talon/plugin.hpp>

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <tuple>
#include <unordered_map>

namespace audit {

/// Who saw one record, in one batch of lines: many reads make one row.
class Sights {
 public:
  /// Adds the records that a read names.
  void add(const ReadEntry& read);
  /// Writes them as audit_sight records.
  void write(talon::ChangeSet& changes) const;

 private:
  struct Times {
    int64_t first_at = 0;
    int64_t last_at = 0;
    int64_t count = 0;
  };
  using Who = std::tuple<std::string, std::string, std::string, std::string,
                         std::string>;  // principal, channel, action, type, prefix of its ids
  std::map<Who, std::unordered_map<int64_t, Times>> seen_;
};

/// How a run goes about it.
enum class Pace {
  Ordinary,
  WhenIdle  ///< stops where somebody wants it done
};

/// The jobs `take_in` and `catch_up`, on every host: its own files, and those that a host which is gone left
/// in the same folder.
class Intake {
 public:
  /// @param host, chain, reads  outlive this.
  Intake(talon::Host& host, Chain& chain, ReadLog& reads) : host_(host), chain_(chain), reads_(reads) {}

  /// Takes in all that was read until now; where somebody else is at it, Pace::WhenIdle leaves it to them.
  /// @threads any.
  /// @errors as the host's records give them; a retry goes on where this stopped and doubles nothing.
  talon::Result<void> run(Pace pace);

 private:
  enum class Manner { AsTheySay, AsText };
  talon::Result<void> take_in(const std::string& file, const FileLock& lock, Pace pace);
  /// @param taken  lines of the file before these.
  talon::Result<void> write(const std::string& name, std::span<const std::string> lines, int64_t taken,
                            Manner manner);
  /// @param turn  gives the entries their places at once; none: the sealer does.
  talon::Result<void> write_in_turn(const std::string& name, std::span<const std::string> lines,
                                    int64_t taken, Manner manner, Chain::Turn* turn);
  talon::Result<void> write_one_by_one(const std::string& name, std::span<const std::string> lines,
                                       int64_t taken);
  talon::Result<int64_t> lines_taken(const std::string& name);
  talon::Result<void> forget(const std::string& name);  // the file is gone

  talon::Host& host_;
  Chain& chain_;
  ReadLog& reads_;
  Turns turns_;
};

}  // namespace audit
