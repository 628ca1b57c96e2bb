/// The strict YAML reader, with well-meant and with hostile input.
#include "host/config/yaml.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <fstream>

namespace talon::config {
namespace {

namespace fs = std::filesystem;

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::vector<std::string> mistakes_in(std::string_view text) {
  Mistakes mistakes;
  read_yaml_text(text, "a.yaml", mistakes);
  std::vector<std::string> lines;
  for (const Mistake& mistake : mistakes) lines.push_back(mistake.to_string());
  return lines;
}

Node tree(std::string_view text) {
  const auto document = read_yaml_text(text, "a.yaml");
  EXPECT_TRUE(document) << (document ? "" : document.error().message);
  return document ? document->root : Node{};
}

TEST(Yaml, KeepsScalarsAsText) {
  const Node root = tree("a: NO\nb: 010\nc: \"off\"\nd: !secret smtp/password\ne: ~\nf: 'it''s'\n");
  EXPECT_EQ(root.find("a")->text, "NO");
  EXPECT_EQ(root.find("b")->text, "010");
  EXPECT_TRUE(root.find("c")->is_quoted);
  EXPECT_FALSE(root.find("a")->is_quoted);
  EXPECT_EQ(root.find("d")->tag, "!secret");
  EXPECT_EQ(root.find("d")->text, "smtp/password");
  EXPECT_EQ(root.find("e")->kind, Node::Kind::Null);
  EXPECT_EQ(root.find("f")->text, "it's");
}

TEST(Yaml, GivesEachNodeItsPlaceInCodePoints) {
  const Node root = tree("# é\nname: Zoé\nlist:\n  - {é: [a, ü, c]}\n");
  EXPECT_EQ(root.find("name")->place.line, 2U);
  EXPECT_EQ(root.find("name")->place.column, 7U);
  const Node& inner = root.find("list")->items[0];
  EXPECT_EQ(inner.entries[0].first.place.column, 6U);
  EXPECT_EQ(inner.entries[0].second.items[2].place.line, 4U);
  EXPECT_EQ(inner.entries[0].second.items[2].place.column, 16U);
}

TEST(Yaml, NamesBothPlacesOfADuplicateKeyAndReadsOn) {
  EXPECT_THAT(mistakes_in("a: 1\nb: 2\na: 3\nb: 4\n"),
              ElementsAre("a.yaml:3:1: key \"a\" stands twice; first on line 1",
                          "a.yaml:4:1: key \"b\" stands twice; first on line 2"));
}

TEST(Yaml, RefusesAnchorsAliasesAndMergeKeys) {
  const auto lines = mistakes_in("a: &x {b: 1}\nc: *x\nd:\n  <<: *x\n");
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_THAT(lines[0], HasSubstr("a.yaml:1:4: anchor &x"));
  EXPECT_THAT(lines[1], HasSubstr("a.yaml:2:4: aliases are not read"));
  EXPECT_THAT(lines[2], HasSubstr("a.yaml:4:3: merge keys"));
}

TEST(Yaml, IsNotTakenInByABillionLaughs) {
  std::string text = "a0: &a0 [lol, lol]\n";
  for (int i = 1; i < 30; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last + ", " + last + ", " + last +
            "]\n";
  }
  EXPECT_EQ(mistakes_in(text).size(), 100U);
}

TEST(Yaml, RefusesASecondDocument) {
  EXPECT_THAT(mistakes_in("a: 1\n---\nb: 2\n"), ElementsAre(HasSubstr("a second document")));
  EXPECT_THAT(mistakes_in("---\na: 1\n...\n"), IsEmpty());
}

TEST(Yaml, RefusesTagsAndDirectives) {
  EXPECT_THAT(mistakes_in("a: !!binary aGk=\nb: !env HOME\n"),
              ElementsAre(HasSubstr("a.yaml:1:4: tag"), HasSubstr("a.yaml:2:4: tag \"!env\"")));
  EXPECT_THAT(mistakes_in("a: !secret [x]\n"), ElementsAre(HasSubstr("tag \"!secret\"")));
  EXPECT_THAT(mistakes_in("%TAG ! tag:evil,2000:\n---\na: 1\n"), ElementsAre(HasSubstr("directives")));
  EXPECT_THAT(mistakes_in("a: !secret\n"), ElementsAre(HasSubstr("names a secret")));
}

TEST(Yaml, RefusesTabsInTheIndentation) {
  EXPECT_THAT(mistakes_in("a:\n\tb: 1\n  \tc: 2\n"),
              ElementsAre("a.yaml:2:1: a tab in the indentation; indent with spaces",
                          "a.yaml:3:3: a tab in the indentation; indent with spaces"));
  EXPECT_THAT(mistakes_in("a: 1\t# a comment\n\t\nb: 2\n"), IsEmpty());
}

TEST(Yaml, RefusesKeysThatAreNoWords) {
  EXPECT_THAT(mistakes_in("[a, b]: 1\n{c: d}: 2\n~: 3\n"), ::testing::SizeIs(3));
}

TEST(Yaml, RefusesWhatIsNoUtf8AndControlCharacters) {
  EXPECT_THAT(mistakes_in("a: \xFF\n"),
              ElementsAre("a.yaml:1:4: the file is not UTF-8 here; save it as UTF-8"));
  EXPECT_THAT(mistakes_in(std::string_view("\xFF\xFE"
                                           "a\0",
                                           4)),
              ElementsAre(HasSubstr("not UTF-8")));
  EXPECT_THAT(mistakes_in(std::string_view("a: 1\nb: \0\n", 10)),
              ElementsAre("a.yaml:2:4: control character"));
  EXPECT_EQ(tree("\xEF\xBB\xBF"
                 "a: 1\n")
                .find("a")
                ->place.column,
            4U);
}

TEST(Yaml, ReadsWindowsLineEnds) {
  const Node root = tree("a: 1\r\nb:\r\n  - x\r\n");
  EXPECT_EQ(root.find("a")->text, "1");
  EXPECT_EQ(root.find("b")->items[0].place.line, 3U);
}

TEST(Yaml, RefusesDeepNesting) {
  EXPECT_THAT(mistakes_in(std::string(33, '[') + std::string(33, ']')),
              ElementsAre("a.yaml:1:33: nested deeper than 32 levels"));
  EXPECT_THAT(mistakes_in(std::string(32, '[') + std::string(32, ']')), IsEmpty());
  std::string blocks;
  for (int i = 0; i < 40; ++i) blocks += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  EXPECT_THAT(mistakes_in(blocks), ElementsAre(HasSubstr("nested deeper")));
}

TEST(Yaml, RefusesAFileOfMoreThanAMebibyte) {
  EXPECT_THAT(mistakes_in(std::string(kYamlBytesMax + 1, '#')), ElementsAre(HasSubstr("at most 1 MiB")));
}

TEST(Yaml, SaysWhereTheSyntaxBreaks) {
  EXPECT_THAT(mistakes_in("a: [1, 2\nb: 3\n"), ElementsAre(HasSubstr("a.yaml:2:")));
  EXPECT_THAT(mistakes_in("a: b: c\n"),
              ElementsAre(HasSubstr("a.yaml:1:5: YAML: illegal map value. a second")));
  for (const std::string_view open :
       {"x: y\na: \"never closed\nb: 1\n", "x: y\na: 'never ''closed\n", "x: y\na: !secret \"a\\\"\n"}) {
    EXPECT_THAT(mistakes_in(open), ElementsAre("a.yaml:2:4: the quote that opens here is never closed"));
  }
  EXPECT_THAT(mistakes_in("a: 'it''s'"), IsEmpty());
  EXPECT_THAT(mistakes_in("a: !secret \"x\"\n# it's\n"), IsEmpty());
}

TEST(Yaml, ReadsAnEmptyFileAsNothing) {
  EXPECT_EQ(tree("").kind, Node::Kind::Null);
  EXPECT_EQ(tree("# only a comment\n").kind, Node::Kind::Null);
}

class YamlDirectory : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(root_);
    fs::create_directories(root_);
  }
  void TearDown() override { fs::remove_all(root_); }

  void write(const std::string& file) const {
    fs::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << "a: b\n";
  }
  std::vector<std::string> mistakes_of(const fs::path& directory) {
    Mistakes mistakes;
    files_.clear();
    for (const Document& document : read_yaml_directory(directory, "here", mistakes))
      files_.push_back(document.file);
    std::vector<std::string> lines;
    for (const Mistake& mistake : mistakes) lines.push_back(mistake.to_string());
    return lines;
  }

  const fs::path root_ = fs::path(testing::TempDir()) / ("talon_yaml_" + std::to_string(::getpid()));
  std::vector<std::string> files_;
};

TEST_F(YamlDirectory, ReadsFilesBelowItAndBehindLinksInTheOrderOfTheirNames) {
  write("b.yaml");
  write("a/x.yaml/c.yaml");
  write(".hidden.yaml");
  fs::create_symlink("b.yaml", root_ / "c.yaml");
  EXPECT_THAT(mistakes_of(root_), IsEmpty());
  EXPECT_THAT(files_, ElementsAre("here/a/x.yaml/c.yaml", "here/b.yaml", "here/c.yaml"));
}

TEST_F(YamlDirectory, TellsWhatItCannotRead) {
  write("b.yaml");
  write("d/e.yaml");
  fs::create_symlink("nowhere.yaml", root_ / "a.yaml");
  EXPECT_THAT(mistakes_of(root_),
              ElementsAre("here/a.yaml:1:1: cannot be read: it is a link that leads to no file"));
  EXPECT_THAT(files_, ElementsAre("here/b.yaml", "here/d/e.yaml"));
}

TEST_F(YamlDirectory, TellsOfALinkToAFolderWhichIsNotFollowed) {
  write("b.yaml");
  write("d/e.yaml");
  fs::create_symlink("d", root_ / "link");
  fs::create_symlink("d", root_ / "d2.yaml");
  fs::create_symlink("..", root_ / "d" / "up");
  fs::create_symlink("d", root_ / ".hidden");
  const std::string told =
      ": is a link to a folder, which is not followed: put the files here, or link to each of them";
  EXPECT_THAT(mistakes_of(root_), UnorderedElementsAre("here/link:1:1" + told, "here/d2.yaml:1:1" + told,
                                                       "here/d/up:1:1" + told));
  EXPECT_THAT(files_, ElementsAre("here/b.yaml", "here/d/e.yaml"));
}

TEST_F(YamlDirectory, TellsOfALinkThatMayHaveLedToAFolder) {
  write("b.yaml");
  fs::create_symlink("/not/mounted", root_ / "clients");
  EXPECT_THAT(mistakes_of(root_),
              ElementsAre("here/clients:1:1: cannot be read: it is a link that leads to no file"));
}

TEST_F(YamlDirectory, IsSilentOnlyWhereThereIsNone) {
  EXPECT_THAT(mistakes_of(root_ / "nowhere"), IsEmpty());
  write("b.yaml");
  EXPECT_THAT(mistakes_of(root_ / "b.yaml"), ElementsAre(HasSubstr("here:1:1: cannot be read: ")));
  fs::create_symlink("nowhere", root_ / "link");
  EXPECT_THAT(mistakes_of(root_ / "link"), ElementsAre(HasSubstr("here:1:1: cannot be read: ")));
}

TEST(Yaml, StaysFastOnHostileShapes) {
  const auto repeated = [](std::string_view piece) {
    std::string text;
    while (text.size() + piece.size() < kYamlBytesMax / 4) text += piece;
    return text;
  };
  std::string keys;
  for (int i = 0; keys.size() < kYamlBytesMax / 4; ++i) keys += "k" + std::to_string(i) + ": 1\n";
  const std::clock_t started = std::clock();  // of this process: a busy machine must not fail it
  for (const std::string& text :
       {keys, "[" + repeated("é, ") + "]", "{" + repeated("é: é, ") + "}", repeated("- "), repeated("? "),
        repeated("[{"), repeated("a: "), repeated("- a\n"), repeated("\"a\" "), repeated("&a "),
        repeated("!x "), repeated("---\n"), repeated("'"), repeated("a\n"), repeated("{a: ["),
        repeated("[a, "), repeated("...\n"), repeated("|\n")}) {
    Mistakes mistakes;
    read_yaml_text(text, "a.yaml", mistakes);
  }
  EXPECT_LT((std::clock() - started) / CLOCKS_PER_SEC, 20);
}

}  // namespace
}  // namespace talon::config
