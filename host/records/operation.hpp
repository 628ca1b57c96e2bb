/// A change set, read and typed: what the writer carries out.
#pragma once

#include "host/records/inside.hpp"

#include <map>
#include <string>
#include <vector>

namespace talon::records {

/// A column's new value: known, or known only inside the transaction.
struct Setting {
  enum class Kind {
    Value,   ///< `value`
    Amount,  ///< `json`, once the record's currency is known
    Text,    ///< `text` with %{…} filled in
    Digest   ///< SHA-256 of the column named `text`
  };
  std::size_t column = 0;  ///< place in TypeInfo::columns
  Kind kind = Kind::Value;
  Value value;
  std::string text;
  Json json;
  std::string pointer;  ///< where it stood in the body, for messages
};

struct ChildRow {
  int64_t id = 0;         ///< given for a row that is kept, else new
  bool is_named = false;  ///< the caller gave the id
  std::vector<Setting> set;
};

/// A child list's rows; they replace the whole list.
struct ChildRows {
  const TypeInfo* type = nullptr;
  std::vector<ChildRow> rows;
};

/// One of the records of a CreateAll.
struct NewRow {
  int64_t id = 0;
  std::vector<Value> values;  ///< one per Operation::columns
};

struct Operation {
  enum class Kind { Create, CreateAll, Change, Upsert, Delete, Next, Guard };
  Kind kind = Kind::Create;
  const TypeInfo* type = nullptr;
  int64_t id = 0;
  int64_t version = -1;  ///< −1: any
  std::vector<Setting> set;
  std::vector<ChildRows> lists;
  std::vector<std::size_t> columns;  ///< of CreateAll: places in TypeInfo::columns
  std::vector<NewRow> rows;
  std::vector<std::size_t> key;  ///< of Upsert: columns of a unique key
  std::string as;                ///< what later operations call it; of Next, the number's name
  std::size_t counter = 0;       ///< of Next: its column
  expression::Expression where;  ///< of Next and Guard

  bool is_deferred() const;  ///< needs a number or a digest
};

struct EventRow {
  std::string event;
  const TypeInfo* type = nullptr;
  int64_t record = 0;
  Json data;
};

struct Operations {
  std::vector<Operation> list;
  std::vector<EventRow> events;
  Json answer;                                        ///< "@as" texts are ids already
  std::map<std::string, int64_t, std::less<>> names;  ///< "as" of creates → id
};

/// Who wrote the change set: an API caller's body, or a plugin's code (which may set fields that are by:
/// action and give raw integers).
enum class Author { Caller, Code };

/// Reads a change set; gives each create its id. All mistakes at once. @param values  of its `create_all`s.
/// @errors InvalidArgument with details [{pointer, code, message}].
Result<Operations> read_operations(Records::Inside& inside, const Generation& generation,
                                   const Json& changeset, Author author, Row values = {});

/// Reads an API body ({"field": value, "lines": [{…}]}) into `operation`, whose type and kind are set.
Result<void> read_body(Records::Inside& inside, const Generation& generation, const Json& body, Author author,
                       Operation& operation);

}  // namespace talon::records
