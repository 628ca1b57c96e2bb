/// The shared index of the write-ahead log.
#include "host/storage/sqlite/log_index.hpp"

namespace talon::storage::sqlite {

namespace {

constexpr uint32_t kVersion = 3'007'000;  // of the index's form (walformat.html, 2.1)
constexpr int kBlockBytes = 32 * 1024;    // the index comes in such blocks (walformat.html, 2.0)
constexpr int kMethodsWithSharedMemory = 2;

/// The part of the index that the connection has mapped itself: no file is opened, since closing one would
/// drop every lock that this process holds on it (POSIX).
const volatile uint32_t* first_block(sqlite3* database) {
  sqlite3_file* file = nullptr;
  if (sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK) return nullptr;
  if (file == nullptr || file->pMethods == nullptr) return nullptr;
  const sqlite3_io_methods& methods = *file->pMethods;
  if (methods.iVersion < kMethodsWithSharedMemory || methods.xShmMap == nullptr) return nullptr;
  volatile void* block = nullptr;
  if (methods.xShmMap(file, 0, kBlockBytes, 0, &block) != SQLITE_OK) return nullptr;
  return static_cast<volatile uint32_t*>(block);
}

/// Others write there without a lock; what is read of the database after this comes after it.
uint32_t load(const volatile uint32_t* word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }

}  // namespace

void LogIndex::find(sqlite3* database) {
  if (sqlite3_txn_state(database, "main") != SQLITE_TXN_READ) return;
  const volatile uint32_t* words = first_block(database);
  if (words != nullptr && load(words) == kVersion) words_ = words;
}

LogIndex::Header LogIndex::look() const {
  Header header{};
  for (std::size_t i = 0; i < kWords; ++i) header[i] = load(words_ + i);
  return header;
}

bool LogIndex::is_still(const Header& before) const { return look() == before; }

}  // namespace talon::storage::sqlite
