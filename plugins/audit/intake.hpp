/// Takes the read log's files into the log: lines → entries, and who saw which record when.
#pragma once

#include "entry.hpp"
#include "read_log.hpp"

#include <talon/plugin.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
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
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  using Records = std::unordered_map<std::string, Times, Hash, std::equal_to<>>;
  using Who =
      std::tuple<std::string, std::string, std::string, std::string>;  // principal, channel, action, type
  std::map<Who, Records> seen_;
};

/// The job `take_in`, on every host: its own files, and those that a host which is gone left in the same
/// folder.
class Intake {
 public:
  /// @param host, reads  outlive this.
  Intake(talon::Host& host, ReadLog& reads) : host_(host), reads_(reads) {}

  /// @errors as the host's records give them; a retry goes on where this stopped and doubles nothing.
  talon::Result<void> run();

 private:
  enum class Manner { AsTheySay, AsText };
  talon::Result<void> take_in(const std::string& file);
  /// @param taken  lines of the file before these.
  talon::Result<void> write(const std::string& name, std::span<const std::string> lines, int64_t taken,
                            Manner manner);
  talon::Result<void> write_one_by_one(const std::string& name, std::span<const std::string> lines,
                                       int64_t taken);
  talon::Result<int64_t> lines_taken(const std::string& name);
  talon::Result<void> forget(const std::string& name);  // the file is gone

  talon::Host& host_;
  ReadLog& reads_;
};

}  // namespace audit
