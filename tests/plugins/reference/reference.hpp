/// A naive evaluator of the policy language, written from the design's page alone: it reads the YAML nodes
/// and interprets every line for every question. It shares no code with the plugin's compiler, plans and
/// judge, nor with the host's evaluation in memory and SQL.
#pragma once

#include <talon/document.hpp>
#include <talon/model.hpp>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace talon::reference {

enum class Truth { No, Yes, Maybe };
enum class Level { Hidden, Masked, ReadOnly, Edit };

struct Grant {
  std::string role;
  std::string from;  ///< "2026-12-31", or empty
  std::string until;
};

struct User {
  std::string id;
  std::string email;
  bool is_active = true;
  std::vector<Grant> roles;
  std::map<std::string, std::vector<std::string>> facts;
};

/// Values as a person writes them; an empty field is not in the map.
struct Record {
  std::string type;
  std::string id;
  std::map<std::string, std::string> fields;
};

/// All records, found by their ids.
using World = std::map<std::string, Record>;

class Reference {
 public:
  /// All are borrowed. @param model  asked for the types of fields and their groups only.
  Reference(const std::vector<Document>& documents, const model::Model& model, const World& world)
      : documents_(documents), model_(model), world_(world) {}

  /// Which roles somebody holds on `today`, with all that they include.
  std::set<std::string> roles_of(const User& user, const std::string& today) const;
  /// What a fact is worth for somebody; nothing where they lack it.
  std::vector<std::string> fact_of(const User& user, const std::string& fact) const;

  bool may(const User& user, const std::string& action, const Record& record, const std::string& today) const;
  Level level(const User& user, const std::string& field, const Record& record,
              const std::string& today) const;

 private:
  /// Somebody asking about a record on a day.
  struct Asked {
    const User& user;
    const std::set<std::string>& roles;
    const Record& record;
    const std::string& today;
  };

  const Node* entry_of(const User& user) const;
  std::set<std::string> with_included(const std::string& role) const;
  bool is_forbidden(const std::set<std::string>& roles) const;
  bool is_about_other_partner(const Node& document, const Record& record) const;
  bool binds(const Node& rule, const char* audience, const Asked& asked) const;
  bool names_action(const Node& actions, const std::string& action) const;
  Truth rule_truth(const Node& rule, const Asked& asked) const;
  bool covers(const Node& names, const std::string& type, const std::string& field) const;

  const Node* named(const char* part, const std::string& name) const;
  Truth lines(const Node& node, const Asked& asked) const;
  Truth line(const std::string& text, const Asked& asked) const;
  Truth compare(const std::string& path, const std::string& op, const std::string& value,
                const Asked& asked) const;
  std::optional<std::string> read(const Record& record, const std::string& path) const;
  const model::Field* field_at(const std::string& type, const std::string& path) const;

  const std::vector<Document>& documents_;
  const model::Model& model_;
  const World& world_;
};

}  // namespace talon::reference
