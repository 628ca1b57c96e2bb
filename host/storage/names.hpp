/// Names of what the tables carry beside their columns.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace talon::storage {

/// The index of a unique key: "invoices_series_number_key". Both databases name it so in their errors; at
/// most 63 bytes (PostgreSQL's limit), the rest as a hash.
std::string unique_index_name(std::string_view table, std::span<const std::string> columns);

/// `name` cut to 63 bytes, its end replaced by a hash of the whole where it was longer.
std::string fitting_name(std::string name);

/// `name` in double quotes: columns may be words of SQL ("user", "from").
/// @param name  a checked name: snake_case letters, digits, `_`.
std::string quoted(std::string_view name);

}  // namespace talon::storage
