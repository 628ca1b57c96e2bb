/// PostgreSQL's SQLSTATE as the sixteen codes.
#pragma once

#include <talon/result.hpp>

#include <string>
#include <string_view>

namespace talon::storage::postgresql {

/// What the server said of a failed statement.
struct ServerError {
  std::string state;       ///< SQLSTATE; empty: the connection is lost
  std::string message;     ///< the primary message, or libpq's
  std::string constraint;  ///< its name, where one was violated
};

Error to_error(const ServerError& error, std::string_view sql);

/// Dead-lock, serialisation failure, lock time-out: the same work may succeed in another transaction.
bool may_run_again(std::string_view state);

/// The connection cannot be used any more.
bool is_lost(std::string_view state);

}  // namespace talon::storage::postgresql
