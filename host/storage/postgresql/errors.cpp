/// PostgreSQL's SQLSTATE as the sixteen codes (its documentation, appendix A).
#include "host/storage/postgresql/errors.hpp"

#include "host/storage/errors.hpp"

namespace talon::storage::postgresql {

bool may_run_again(std::string_view state) {
  return state == "40001" || state == "40P01" || state == "55P03";
}

bool is_lost(std::string_view state) {
  return state.empty() || state.starts_with("08") || state.starts_with("57P") || state == "25P03";
}

Error to_error(const ServerError& error, std::string_view sql) {
  const std::string_view state = error.state;
  const std::string text = "PostgreSQL: " + error.message;
  const std::string_view group = state.substr(0, 2);
  if (is_lost(state)) return unavailable(text + "; try again");
  if (state == "23505") return duplicate_key(error.constraint);
  if (state == "P0001") return failed_precondition(error.message);  // raised by a freeze trigger
  // It was run again as often as the writer does that; nobody's version is stale.
  if (may_run_again(state)) return unavailable("other writes hold these records; try again in a moment");
  if (state == "57014") return {Code::Cancelled, text};
  if (state == "22003") return sum_too_large();
  if (state == "42501") return failed_precondition(text + "; grant it to the running role by a migration");
  if (group == "23") return failed_precondition(text);
  if (group == "22") return invalid(text);
  if (state == "53300") return unavailable(text + "; raise max_connections or lower storage.readers");
  if (group == "53") return {Code::ResourceExhausted, text};
  if (state == "XX001" || state == "XX002") return {Code::DataLoss, text + "; restore the last backup"};
  return internal(text + " (" + error.state + ") in: " + std::string(sql.substr(0, 500)));
}

}  // namespace talon::storage::postgresql
