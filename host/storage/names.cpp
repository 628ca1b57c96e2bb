/// Names of indexes and triggers, short enough for both databases.
#include "host/storage/names.hpp"

#include <array>
#include <cstdint>

namespace talon::storage {

std::string fitting_name(std::string name) {
  constexpr std::size_t kBytesMax = 63;  // PostgreSQL, NAMEDATALEN - 1
  if (name.size() <= kBytesMax) return name;
  uint64_t hash = 14695981039346656037U;  // FNV-1a
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  static constexpr std::string_view kHex = "0123456789abcdef";
  name.resize(kBytesMax - 9);
  name += '_';
  for (int i = 0; i < 8; ++i, hash >>= 4U) name += kHex[hash & 15U];
  return name;
}

std::string quoted(std::string_view name) {
  std::string text = "\"";
  return text.append(name).append("\"");
}

std::string unique_index_name(std::string_view table, std::span<const std::string> columns) {
  std::string name(table);
  for (const std::string& column : columns) name.append("_").append(column);
  return fitting_name(name + "_key");
}

}  // namespace talon::storage
