/// Chooses the database by its URL.
#include "host/storage/database.hpp"
#include "host/storage/postgresql/database.hpp"
#include "host/storage/sqlite/database.hpp"

namespace talon::storage {

Result<std::unique_ptr<Database>> open(const Options& options) {
  if (options.readers < 1 || options.writers < 1)
    return invalid("storage: readers and writers must be at least 1");
  if (options.url.rfind("sqlite:", 0) == 0) {
    TALON_TRY(const std::string path, sqlite::path_of(options.url));
    return sqlite::open_database(path, options.readers);
  }
  if (options.url.rfind("postgresql:", 0) == 0 || options.url.rfind("postgres:", 0) == 0) {
    return postgresql::open_database(options);
  }
  return invalid(
      "storage.url: \"" + options.url.substr(0, options.url.find(':')) +
      ":\" is no database that Talon knows; write sqlite:/path/talon.db or postgresql://host/name");
}

}  // namespace talon::storage
