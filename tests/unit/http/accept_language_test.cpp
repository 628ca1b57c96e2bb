/// The language that a request asks to be answered in.
#include "host/http/accept_language.hpp"

#include <gtest/gtest.h>

namespace talon::http {
namespace {

TEST(AcceptLanguage, TheBestLikedOfOurs) {
  const struct {
    const char* header;
    const char* language;
  } cases[] = {{"", "en"},
               {"fr", "fr"},
               {"FR-ca", "fr"},
               {"fr-FR,fr;q=0.9", "fr"},
               {"en, fr;q=0.9", "en"},
               {"fr;q=0.9, en", "en"},
               {"fr;q=0.8,en;q=0.8", "fr"},
               {"en;q=0.8, fr ; q=0.801", "fr"},
               {"de, fr;q=0.3", "fr"},
               {"frr", "en"},
               {"de", "en"},
               {"*", "en"},
               {"en;q=0.1, *", "fr"},
               {"*;q=0.1, fr", "fr"},
               {"fr-CH;q=0.5, en;q=0.6, fr;q=0.7", "fr"}};
  for (const auto& one : cases) EXPECT_EQ(preferred_language(one.header), one.language) << one.header;
}

TEST(AcceptLanguage, OfWeightNoneIsNotAcceptable) {
  for (const char* header :
       {"fr;q=0", "fr;q=0.000", "fr;q=0, de", "fr;q=0, *", "*;q=0", "fr;q=0, en;q=0.001"})
    EXPECT_EQ(preferred_language(header), "en") << header;
  EXPECT_EQ(preferred_language("en;q=0, *"), "fr");
  EXPECT_EQ(preferred_language("en;q=0, fr;q=0.001"), "fr");
}

TEST(AcceptLanguage, WhatCannotBeReadSaysNothing) {
  for (const char* header : {",", ";", "fr;q", "fr;q=", "fr;q=2", "fr;q=1.5", "fr;q=0.1234", "fr;q=-1",
                             "fr;q=a", "fr;x=1", " , ;q=1,", "fr;q=0,fr;q=x"})
    EXPECT_EQ(preferred_language(header), "en") << header;
  EXPECT_EQ(preferred_language(",, ,fr"), "fr");
}

}  // namespace
}  // namespace talon::http
