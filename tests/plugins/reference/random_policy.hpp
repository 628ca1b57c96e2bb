/// Random policies, people and records, all as a person would write them.
#pragma once

#include "tests/plugins/reference/reference.hpp"

#include <random>

namespace talon::reference {

/// One random installation: files by name, people, and records by id.
struct Random {
  std::vector<std::pair<std::string, std::string>> files;
  std::vector<User> people;
  World world;
  std::vector<const Record*> records;  ///< the invoices of `world`
};

/// @param seed  the same one gives the same installation.  @param records  how many invoices.
Random random_installation(uint32_t seed, int records);

/// Fields whose levels are worth asking for.
const std::vector<std::string>& asked_fields();

inline constexpr const char* kToday = "2026-12-10";
inline Date today() { return *Date::parse(kToday); }

}  // namespace talon::reference
