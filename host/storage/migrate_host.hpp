/// The host's own tables, beside those of the record types.
#pragma once

#include "host/storage/database.hpp"

#include <string>
#include <vector>

namespace talon::storage {

/// The statements that make them all; each does nothing where its table is there.
std::vector<std::string> host_tables(Dialect dialect);

/// Their names.
const std::vector<std::string>& host_table_names();

}  // namespace talon::storage
