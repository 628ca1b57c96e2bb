/// Tests files: a clock, people, records, and what must be allowed and refused.
#include "reader.hpp"

namespace talon::access {

namespace {

void read_fields(const NodeReader& reader, const Node& node,
                 std::map<std::string, Word, std::less<>>& fields) {
  if (!reader.is_map(node, "fields, as in {state: draft}")) return;
  for (const auto& [key, value] : node.entries) {
    Word word = reader.scalar(value, "a value");
    // A quoted "empty" is a text; the mark in front tells the runner.
    if (value.is_quoted && word.text == "empty") word.text = "\"empty\"";
    fields[key.text] = std::move(word);
  }
}

void read_records(const NodeReader& reader, const Node& node, std::vector<TestRecord>& records) {
  if (!reader.is_map(node, "records by name, as in {inv: {invoice: {state: draft}}}")) return;
  for (const auto& [key, value] : node.entries) {
    if (!reader.is_map(value, "a type and its fields, as in {invoice: {state: draft}}")) continue;
    if (value.entries.size() != 1) {
      reader.mistake(value.place, "expected one type and its fields, as in {invoice: {state: draft}}");
      continue;
    }
    TestRecord record{reader.word(key), reader.word(value.entries[0].first), {}};
    read_fields(reader, value.entries[0].second, record.fields);
    records.push_back(std::move(record));
  }
}

void read_links(const NodeReader& reader, const Node& node, std::vector<TestRecord>& links) {
  if (!reader.is_map(node, "linked records by type and name, as in {party: {c7: {country: FR}}}")) return;
  for (const auto& [type, entries] : node.entries) {
    if (!reader.is_map(entries, "linked records by name, as in {c7: {country: FR}}")) continue;
    for (const auto& [key, value] : entries.entries) {
      TestRecord record{reader.word(key), reader.word(type), {}};
      read_fields(reader, value, record.fields);
      links.push_back(std::move(record));
    }
  }
}

const std::vector<std::string> kTestWords = {"as",     "on",      "with", "at",     "can",
                                             "cannot", "by",      "sees", "hidden", "masked",
                                             "locked", "columns", "list", "action", "gives"};

/// @return the list that `key` fills, or null.
std::vector<Word>* list_of(TestCase& test, std::string_view key) {
  if (key == "can") return &test.can;
  if (key == "cannot") return &test.cannot;
  if (key == "hidden") return &test.hidden;
  if (key == "masked") return &test.masked;
  if (key == "locked") return &test.locked;
  if (key == "sees") return &test.sees;
  if (key == "columns") return &test.columns;
  return key == "gives" ? &test.gives : nullptr;
}

TestCase read_test(const NodeReader& reader, const Node& node) {
  TestCase test;
  test.place = {"", reader.file(), node.place};
  if (!reader.is_map(node, "a test, as in {as: ann, on: inv, can: view}")) return test;
  for (const auto& [key, value] : node.entries) {
    if (std::vector<Word>* list = list_of(test, key.text)) {
      *list = reader.words(value, "a word or a list of words");
      test.has_sees = test.has_sees || key.text == "sees";
      test.has_hidden = test.has_hidden || key.text == "hidden";
      test.has_masked = test.has_masked || key.text == "masked";
      test.has_locked = test.has_locked || key.text == "locked";
      test.has_columns = test.has_columns || key.text == "columns";
      test.has_gives = test.has_gives || key.text == "gives";
    } else if (key.text == "with") {
      read_fields(reader, value, test.with);
    } else if (key.text == "as") {
      test.as = reader.scalar(value, "a person");
    } else if (key.text == "on") {
      test.on = reader.scalar(value, "a record");
    } else if (key.text == "list") {
      test.list = reader.scalar(value, "a record type");
    } else if (key.text == "action") {
      test.action = reader.scalar(value, "an action");
    } else if (key.text == "at") {
      test.at = reader.scalar(value, "a day or a time, as in 2026-12-16 00:00");
    } else if (key.text == "by") {
      test.by = reader.scalar(value, "a rule's id");
    } else {
      reader.unknown_word(key, kTestWords);
    }
  }
  if (test.as.text.empty()) reader.mistake(node.place, "the test does not say as whom: as: PERSON");
  if (test.on.text.empty() == test.list.text.empty()) {
    reader.mistake(node.place, "a test is about one record (on: NAME) or a list (list: TYPE)");
  }
  if (!test.list.text.empty() && !test.has_gives) {
    reader.mistake(node.place, "a list test says which records come back: gives: [NAMES]");
  }
  if (!test.by.text.empty() && test.cannot.empty()) reader.mistake(test.by.place, "by: goes with cannot:");
  return test;
}

}  // namespace

TestFile read_tests(const NodeReader& reader, const Node& root, const model::Model& model) {
  static const std::vector<std::string> kWords = {"now", "users", "records", "links", "tests", "plugin"};
  TestFile file;
  file.file = reader.file();
  for (const auto& [key, value] : root.entries) {
    if (key.text == "now") {
      file.now = reader.scalar(value, "a day or a time, as in 2026-12-10 09:00");
    } else if (key.text == "users") {
      if (!reader.is_map(value, "people by name")) continue;
      for (const auto& [name, entry] : value.entries) {
        file.users[name.text] = read_user(reader, reader.word(name), entry);
      }
    } else if (key.text == "records") {
      read_records(reader, value, file.records);
    } else if (key.text == "links") {
      read_links(reader, value, file.links);
    } else if (key.text == "tests") {
      if (!reader.is_sequence(value, "a list of tests")) continue;
      for (const Node& item : value.items) file.tests.push_back(read_test(reader, item));
    } else if (key.text != "plugin" && model.find(key.text) == nullptr) {
      reader.unknown_word(key, kWords);
    }
  }
  if (file.now.text.empty())
    reader.mistake(root.place, "a tests file has a clock, as in \"now: 2026-12-10 09:00\"");
  return file;
}

}  // namespace talon::access
