/// The ELF reader takes plugins and refuses everything else, however it is cut or bent.
#include "host/plugins/elf_file.hpp"

#include <talon/abi/plugin.h>

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <random>

namespace talon::plugins {
namespace {

std::string hello() {
  std::ifstream file(TALON_BUILD_DIR "/plugins/hello/libhello.so", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(ElfFileTest, APluginsMarkIsReadFromItsBytes) {
  const Result<ElfMark> mark = read_mark(hello());
  ASSERT_TRUE(mark) << mark.error().message;
  EXPECT_EQ(mark->abi_major, TALON_ABI_MAJOR);
  EXPECT_EQ(mark->abi_minor, TALON_ABI_MINOR);
}

TEST(ElfFileTest, WhatIsNoLibraryIsRefused) {
  EXPECT_FALSE(read_mark(""));
  EXPECT_FALSE(
      read_mark("\x7f"
                "ELF"));
  EXPECT_FALSE(read_mark("#!/bin/sh\necho hello\n"));
  EXPECT_FALSE(read_mark(std::string(100000, '\xff')));
}

TEST(ElfFileTest, EveryTruncationIsRefused) {
  const std::string whole = hello();
  ASSERT_GT(whole.size(), 1000U);
  // The section table stands at the end of the file, so every cut loses some of it.
  for (std::size_t size = 0; size < whole.size(); size += 1 + whole.size() / 500) {
    EXPECT_FALSE(read_mark(std::string_view(whole).substr(0, size))) << size;
  }
  EXPECT_FALSE(read_mark(std::string_view(whole).substr(0, whole.size() - 1)));
}

TEST(ElfFileTest, BentBytesNeverReadOutsideOfTheFile) {
  const std::string whole = hello();
  std::mt19937_64 random(20261121);
  for (int round = 0; round < 3000; ++round) {
    std::string bent = whole;
    // The header and the section table are where offsets and sizes stand.
    for (int i = 0; i < 4; ++i) {
      const std::size_t from = random() % 2 == 0 ? 0 : bent.size() - 3000;
      const std::size_t span = from == 0 ? 64 : 3000;
      bent[from + random() % span] = static_cast<char>(random());
    }
    const Result<ElfMark> mark = read_mark(bent);  // either answer will do: the sanitizers watch
    if (!mark) {
      EXPECT_FALSE(mark.error().message.empty());
    }
  }
}

}  // namespace
}  // namespace talon::plugins
