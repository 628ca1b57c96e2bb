/// The policy language as a typed tree: what the files say, with the place of every word.
#pragma once

#include <talon/date.hpp>
#include <talon/document.hpp>
#include <talon/expression/check.hpp>
#include <talon/expression/tree.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace talon::access {

/// A word with the place where it stands, for mistakes and explanations.
struct Word {
  std::string text;
  std::string file;
  Place place;

  /// "rules/invoice.yaml:41".
  std::string where() const { return file + ":" + std::to_string(place.line); }
};

/// Whom a rule speaks about. `has_all`: "everyone".
struct Audience {
  bool has_all = false;
  std::vector<Word> roles;
};

enum class Effect { Allow, Deny };

/// The first and last day (both whole, in the installation's zone) on which something holds.
struct TimeBox {
  std::optional<Date> from;
  std::optional<Date> until;

  bool holds_on(Date day) const { return !(from && day < *from) && !(until && *until < day); }
};

/// `allow: …` or `deny: …`.
struct Rule {
  Effect effect = Effect::Allow;
  Word head;                     ///< text: the rule's id, given or TYPE-N; place: of the word allow or deny
  bool is_numbered = true;       ///< the id is TYPE-N, and the file does not say it
  bool has_all_actions = false;  ///< "everything"
  std::vector<Word> actions;
  Audience to;
  std::vector<Word> except;
  Word within;                  ///< empty: no scope
  expression::Expression when;  ///< All of the lines
  TimeBox time;
  std::string because;
  std::vector<Word> columns;
  bool has_columns = false;
  bool may_drill_down = true;
};

enum class FieldEffect { Hide, Mask, Lock, Only };

/// `hide`, `mask`, `lock` or `only`.
struct FieldRule {
  FieldEffect effect = FieldEffect::Hide;
  Word head;                 ///< text: the rule's id, given or TYPE-field-N
  bool is_numbered = true;   ///< the id is TYPE-field-N, and the file does not say it
  std::vector<Word> fields;  ///< fields, LIST.FIELD, a list, or a group
  Word as;                   ///< of Mask: "last 4", "initials", "year", "rounded 100"
  Audience of;
  std::vector<Word> except;
  expression::Expression when;
  std::string because;
};

/// Where a rule stands: in which of the documents, and in whose file.
struct Standing {
  uint32_t document = 0;
  std::string partner;  ///< the party's number or id; empty: in no partner's file
};

/// The rules of one record type in one file.
struct TypeRules {
  Word type;
  std::string partner;    ///< of a partner file: the party's number or id
  uint32_t document = 0;  ///< which of the documents
  std::vector<Rule> rules;
  std::vector<FieldRule> fields;
};

struct Role {
  Word name;
  std::map<std::string, Word, std::less<>> description;  ///< who holds it, by language ("en", "fr")
  std::vector<Word> includes;
  std::vector<Word> may_invite;
  bool hands_on_own_facts =
      false;  ///< `hands on: own facts`: an invitation carries facts of the inviter's alone
};

/// A user fact, or what one is worth for somebody.
struct Fact {
  Word name;
  expression::FactType type;
};

/// A scope or a named condition.
struct Condition {
  Word name;
  expression::Expression lines;
};

struct Grant {
  Word role;
  TimeBox time;
  std::string reason;
};

/// What users.yaml, users/NAME.yaml or a tests file says about one person.
struct UserEntry {
  Word name;                ///< the e-mail address; in a tests file a short name
  bool is_managed = false;  ///< `managed: yaml`: roles and facts come from here alone
  std::vector<Word> roles;
  std::vector<Grant> grants;
  std::map<std::string, std::vector<Word>, std::less<>> facts;
  std::vector<TypeRules> rules;  ///< personal ones, by type; `to` is everyone
};

/// A record of a tests file: values as they are written.
struct TestRecord {
  Word name;
  Word type;
  std::map<std::string, Word, std::less<>> fields;  ///< an unquoted `empty` is an empty field
};

/// One line of a tests file.
struct TestCase {
  Word place;  ///< of the test
  Word as;
  Word on;      ///< a record's name; empty for a list
  Word list;    ///< a type, of a list test
  Word action;  ///< of a list test; empty: view
  std::map<std::string, Word, std::less<>> with;
  Word at;  ///< empty: the file's clock
  std::vector<Word> can, cannot, sees, hidden, masked, locked, columns, gives;
  bool has_sees = false;
  bool has_hidden = false;  ///< an empty list says that no field is; so of the next two
  bool has_masked = false;
  bool has_locked = false;
  bool has_columns = false;
  bool has_gives = false;
  Word by;
};

struct TestFile {
  std::string file;
  Word now;
  std::map<std::string, UserEntry, std::less<>> users;
  std::vector<TestRecord> records;
  std::vector<TestRecord> links;  ///< records that are only linked to
  std::vector<TestCase> tests;
};

/// A partner's own file that is read when its rules are compiled: thousands of them are never in memory as
/// trees at once.
struct PartnerFile {
  uint32_t document = 0;
  WrittenDocument written;
};

/// Everything that a set of documents says.
struct PolicySet {
  std::map<std::string, Role, std::less<>> roles;
  std::vector<std::vector<Word>> never_together;
  std::vector<std::vector<Word>> risky_together;  ///< allowed, and told by a review
  std::map<std::string, Fact, std::less<>> facts;
  std::map<std::string, Condition, std::less<>> scopes;
  std::map<std::string, Condition, std::less<>> conditions;
  std::vector<TypeRules> types;            ///< partner files' too; empty once they are compiled
  std::vector<PartnerFile> partner_files;  ///< those that are read later; empty once they are compiled
  std::map<std::string, UserEntry, std::less<>> users;
  std::vector<TestFile> tests;
  struct PassedOver {
    Word plugin;           ///< in which file, and which plugin is not there
    int restrictions = 0;  ///< entries that deny, hide, mask or lock
  };
  std::vector<PassedOver> passed_over;
  std::string hash;  ///< SHA-256 of the documents; shortened only where people read it
};

}  // namespace talon::access
