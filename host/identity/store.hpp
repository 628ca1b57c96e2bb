/// How this room reads and writes its own records: as the host itself.
#pragma once

#include "host/records/records.hpp"

#include <talon/changeset.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace talon::identity {

/// The host's own call, for reads and writes that no person's rights decide.
gate::Call own_call();
/// The same, caused by `call`: the audit log shows in whose request and from where.
gate::Call own_call(const gate::Call& call);

inline constexpr int kWritesMax = 5;  ///< tries of a write that another one overtakes

/// Reads one record of a type by a condition. @return empty: there is none.
Result<std::vector<Value>> find_one(records::Records& records, std::string_view type,
                                    std::vector<std::string> fields, std::string where);
/// Reads rows by a query, as the host itself.
Result<std::vector<std::vector<Value>>> find_rows(records::Records& records,
                                                  const records::QueryRequest& request);
/// Writes as the host itself. @return the change set's answer.
Result<Json> write(records::Records& records, const gate::Call& call, const ChangeSet& changes,
                   storage::Lane lane = storage::Lane::Interactive);

/// A session or token that is not valid (any more).
Error nobody_signed_in();

/// What a person reads, in their language.
struct Phrase {
  std::string en;
  std::string fr;
  const std::string& in(std::string_view language) const { return language == "fr" ? fr : en; }
};

}  // namespace talon::identity
