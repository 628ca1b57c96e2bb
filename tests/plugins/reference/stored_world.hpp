/// The random records as a database and the gate have them: typed values, in SQLite and in memory.
#pragma once

#include "host/gate/gate.hpp"
#include "plugins/access/subject.hpp"
#include "tests/plugins/reference/reference.hpp"

#include <sqlite3.h>

#include <functional>
#include <memory>
#include <optional>
#include <set>

namespace talon::reference {

class StoredWorld {
 public:
  StoredWorld(const World& world, const model::Model& model);

  /// The id of the partner with that number.
  std::optional<int64_t> find_number(std::string_view number) const;
  /// What the paths lead to from `record`, typed.
  std::vector<Value> values(const Record& record, const std::vector<std::string>& paths) const;
  /// The invoices that the decision's SQL gives.
  std::set<int64_t> selected(const gate::Decision& decision, int64_t today) const;
  /// The field's level on every invoice, by the decision's SQL.
  std::map<int64_t, int64_t> levels(const gate::Decision& decision, std::string_view field,
                                    int64_t today) const;

 private:
  Value typed(const Record& record, const model::Field& field) const;
  Value read(const Record& record, const std::string& path) const;
  void run(const std::string& text, const std::vector<Value>& binds,
           const std::function<void(int64_t, int64_t)>& row) const;

  const World& world_;
  const model::Model& model_;
  std::unique_ptr<sqlite3, int (*)(sqlite3*)> database_;
};

/// The person's record as the access plugin reads it.
access::Person person_of(const User& user);

}  // namespace talon::reference
