/// The embedded database: one writing thread, several readers, one file.
#pragma once

#include "host/storage/database.hpp"

#include <memory>
#include <string>

namespace talon::storage::sqlite {

/// Opens or makes the file. @param readers  connections for reading.
Result<std::unique_ptr<Database>> open_database(const std::string& path, int readers);

/// "sqlite:/path/talon.db" → the path. @errors InvalidArgument.
Result<std::string> path_of(const std::string& url);

}  // namespace talon::storage::sqlite
