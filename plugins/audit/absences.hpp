/// What is gone from the log by right: payloads whose time was over, personal values of somebody who was
/// forgotten. Entries of the chain itself say so; what they do not cover was taken away. Pure rules.
#pragma once

#include "entry.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace audit {

/// One record's personal values were erased.
struct Erasure {
  std::string subject;  ///< "pty_…"
  std::string by;       ///< principal, and on whose behalf
  int64_t at = 0;
  int64_t values = 0;
};

class Absences {
 public:
  /// Every entry, in any order.
  void take(const Entry& entry);
  /// A personal value that is gone. @param entry  its entry's id.
  void value_gone(const std::string& type, int64_t record, int64_t entry);

  /// The first thing that no entry covers, or empty.
  std::string problem() const;
  int64_t expired() const { return expired_; }
  /// Of an export: what its maker was not allowed to see.
  int64_t withheld() const { return withheld_; }
  std::vector<Erasure> erasures() const;

 private:
  struct Gone {
    int64_t last_at = 0;
    int64_t entry = 0;  ///< the one of `last_at`
  };
  struct Expiry {
    std::string kind;  ///< or "*"
    std::string type;  ///< or "*"
    int64_t before = 0;
    std::vector<std::string> except;  ///< KIND/TYPE of the classes that came before it
    bool covers(const std::string& of_kind, const std::string& of_type, int64_t at) const;
  };
  struct Valueless {
    int64_t entry = 0;  ///< one of them
    int64_t count = 0;
  };
  int64_t expired_ = 0;
  int64_t expired_by_right_ = 0;  // as many as the expiries say
  int64_t withheld_ = 0;
  std::map<std::pair<std::string, std::string>, Gone> emptied_;     // by kind and type
  std::map<std::pair<std::string, int64_t>, Valueless> valueless_;  // by type and record
  std::vector<Expiry> expiries_;
  std::map<std::pair<std::string, int64_t>, Erasure> erasures_;
};

}  // namespace audit
