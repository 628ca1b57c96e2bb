/// What an answer's head may hold.
#include "host/http/message.hpp"

#include <gtest/gtest.h>

namespace talon::http::test {
namespace {

TEST(HeaderLines, NoValueBeginsAnotherLine) {
  HeaderLines lines;
  lines.add("Content-Disposition", "a\r\nSet-Cookie: b\x01\tc");
  lines.add("ETag", "\"v3\"");
  EXPECT_EQ(lines.text(), "Content-Disposition: aSet-Cookie: b\tc\r\nETag: \"v3\"\r\n");
  EXPECT_EQ(lines.find("Set-Cookie"), std::nullopt);
  EXPECT_EQ(lines.find("etag"), "\"v3\"");
}

TEST(HeaderLines, OtherAlphabetsStayAsTheyAre) {
  HeaderLines lines;
  lines.add("X-Name", "Žofie\n Nováková");
  EXPECT_EQ(lines.find("X-Name"), "Žofie Nováková");
}

}  // namespace
}  // namespace talon::http::test
