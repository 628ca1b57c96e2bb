/// Letters: languages, an installation's own texts, and values that stay values.
#include "host/mail/letter.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace talon::mail {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::map<std::string, std::string> kValues = {{"name", "Ann & \"Bo\""},
                                                    {"link", "https://t.test/#code=a&email=b"},
                                                    {"issuer", "Talon"},
                                                    {"hours", "1"}};

TEST(Letter, IsInThePersonsLanguageElseInEnglish) {
  EXPECT_THAT(write_letter({}, "invitation", "fr", kValues)->subject, HasSubstr("Votre accès à Talon"));
  EXPECT_EQ(write_letter({}, "invitation", "en", kValues)->subject, "Your access to Talon");
  EXPECT_EQ(write_letter({}, "invitation", "de", kValues)->subject, "Your access to Talon");
  EXPECT_THAT(write_letter({}, "new_password", "fr", kValues)->text, HasSubstr("nouveau mot de passe"));
  EXPECT_EQ(write_letter({}, "bill", "en", kValues).error().code, Code::NotFound);
  const std::string text = write_letter({}, "invitation", "en", kValues)->text;
  EXPECT_THAT(text, HasSubstr("Hello Ann & \"Bo\",")) << "plain text, nothing escaped";
  EXPECT_THAT(text, HasSubstr("\nhttps://t.test/#code=a&email=b\n"));
}

TEST(Letter, AValueIsNeitherATemplateNorAHeader) {
  auto values = kValues;
  values["issuer"] = "Talon\r\nBcc: eve@example.com";
  values["name"] = "{{link}}\nX";
  const auto letter = write_letter({}, "invitation", "en", values);
  ASSERT_TRUE(letter);
  EXPECT_EQ(letter->subject.find_first_of("\r\n"), std::string::npos);
  EXPECT_THAT(letter->text, HasSubstr("Hello {{link}} X,"));
}

TEST(Letter, AnInstallationHasItsOwn) {
  const support::TemporaryDirectory folder;
  folder.write("invitation.fr.txt", "Bienvenue {{name}}\n\nIci : {{link}}\n");
  EXPECT_EQ(write_letter(folder.path(), "invitation", "fr", kValues)->subject, "Bienvenue Ann & \"Bo\"");
  EXPECT_EQ(write_letter(folder.path(), "invitation", "en", kValues)->subject, "Your access to Talon");
  folder.write("invitation.fr.txt", "No subject\n");
  EXPECT_EQ(write_letter(folder.path(), "invitation", "fr", kValues).error().code, Code::InvalidArgument);
  folder.write("invitation.fr.txt", "A {{#open}\n\nB\n");
  EXPECT_EQ(write_letter(folder.path(), "invitation", "fr", kValues).error().code, Code::InvalidArgument);
}

}  // namespace
}  // namespace talon::mail
