/// PostgreSQL behind the storage interface.
#pragma once

#include "host/storage/database.hpp"

#include <memory>

namespace talon::storage::postgresql {

/// Connects once, to fail early. @errors Unavailable: cannot connect.
Result<std::unique_ptr<Database>> open_database(const Options& options);

}  // namespace talon::storage::postgresql
