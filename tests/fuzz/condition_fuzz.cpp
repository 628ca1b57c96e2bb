/// Fuzzes the condition language: `condition_fuzz tests/fuzz/corpus/condition`.
#include "tests/fuzz/condition_target.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  talon::expression::testing::try_condition({reinterpret_cast<const char*>(data), size});
  return 0;
}
