/// The model: record types as the manifests declare them. The host builds it, plugins read it
/// (`talon.model/1`).
#pragma once

#include <talon/json.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace talon::model {

/// Json ("json" in a manifest) is for an action's `input:` alone: any JSON value, such as a list of lines;
/// the action checks it. No record has such a field.
enum class FieldType {
  Text,
  Integer,
  Decimal,
  Money,
  Date,
  Timestamp,
  Boolean,
  Choice,
  State,
  Ref,
  File,
  Json
};

/// A text per language ("en", "fr"); "en" is always there.
using Label = std::map<std::string, std::string, std::less<>>;

/// Who sets a field: any caller with the right, only actions and plugins, or only the host (ids, versions).
enum class SetBy { Caller, Action, Host };

/// What a Text must be besides text.
enum class TextFormat { Any, Email };

struct Field {
  std::string name;
  Label label;
  FieldType type = FieldType::Text;
  bool is_required = false;
  bool is_internal = false;  ///< never leaves by any API: password hashes, token hashes
  bool is_personal = false;  ///< a value about a person: kept outside the audit chain, by salted hash
  SetBy set_by = SetBy::Caller;
  int scale = 0;                     ///< decimals, of a Decimal
  std::optional<int64_t> min;        ///< integer: value; decimal: unscaled; text: length in code points
  std::optional<int64_t> max;        ///< as `min`
  std::vector<std::string> choices;  ///< of Choice and State, in order
  std::string initial;   ///< of a State: the state that a new record has; else the default, as text
  std::string to;        ///< of a Ref: the record type
  std::string currency;  ///< of a Money: the sibling (or, in a child list, parent's) field with its currency
  std::string computed;  ///< a Boolean computed by this condition; not stored
  std::vector<std::string> groups;  ///< names that field rules may use ("figures")
  std::string term;                 ///< EN 16931 business term, "BT-1"
  TextFormat format = TextFormat::Any;
  bool is_one_line = false;  ///< of a Text: one line of visible characters, such as a person's name
  bool operator==(const Field&) const = default;
};

/// What an action does: only moves the state (`Declared`), or runs code of its plugin.
enum class Run { Declared, Code };

struct Action {
  std::string name;
  Label label;
  std::vector<std::string> from;  ///< states in which it may run; empty: any
  std::string to;                 ///< state after it; empty: the code decides, or it stays
  Run run = Run::Declared;
  bool is_on_type = false;  ///< runs on the type, without a record: POST /{plural}/actions/{name}
  bool needs_key = false;   ///< Idempotency-Key is required: it creates documents or moves money
  std::vector<Field> input;
  std::vector<std::string> elevates;  ///< rights beyond the caller's: "number_series.edit", "invoice.create"
  bool operator==(const Action&) const = default;
};

/// A column of a view: a group key or an aggregate over `source`.
struct ViewColumn {
  enum class Function { Key, Month, Year, Sum, Count, Min, Max };  ///< keys first: `is_key`
  std::string name;
  Function function = Function::Key;
  std::string path;   ///< field path from the source type; empty for Count
  std::string where;  ///< only the rows that meet this count towards the aggregate; empty: all
  bool is_key() const { return function <= Function::Year; }
  bool operator==(const ViewColumn&) const = default;
};

struct ViewSource {
  std::string type;   ///< the record type that it reads
  std::string where;  ///< condition on it; empty: all
  std::vector<ViewColumn> columns;
  bool operator==(const ViewSource&) const = default;
};

enum class Kind {
  Stored,  ///< a table
  Child,   ///< a list of a parent: its table, but judged by the parent
  View,    ///< computed by a query
  Virtual  ///< no rows: something that rules speak about (a report run, a plugin's commands)
};

enum class ReadLog { Off, On, Durable };

struct ChildList {
  std::string name;  ///< "lines"
  std::string type;  ///< "invoice_line"
  bool operator==(const ChildList&) const = default;
};

struct Freeze {
  std::string when;                 ///< condition; empty: the type never freezes
  std::vector<std::string> except;  ///< fields that actions may still move
  bool operator==(const Freeze&) const = default;
};

struct RecordType {
  std::string name;    ///< "invoice"
  std::string plural;  ///< "invoices": the table and the route
  std::string prefix;  ///< of ids, "inv"
  std::string plugin;  ///< whose manifest declares it; "host" for the built-in ones
  Label label;
  Kind kind = Kind::Stored;
  std::vector<Field>
      fields;  ///< declared ones; `find_field` also knows the host's own (id, version, created_by…)
  std::vector<ChildList> lists;
  std::string parent;  ///< of a Child: the parent type; the ref field has the same name
  std::vector<std::vector<std::string>> unique;  ///< keys; empty values do not collide
  std::vector<std::vector<std::string>>
      indexes;                  ///< what lists are often filtered and sorted by, for speed alone
  std::vector<Action> actions;  ///< beyond view, create, edit, delete, export
  Freeze frozen;
  std::vector<std::string> partner_paths;  ///< refs that lead to the partner whose file applies ("client")
  ReadLog read_log = ReadLog::Off;
  /// Created, never deleted; a field that is still empty may be filled in once, by an action or a plugin.
  bool is_append_only = false;
  bool needs_key = false;  ///< a document, or money that moves: creating one takes an Idempotency-Key
  /// Every change leaves an audit entry and an event. Off (`journal: no`) is for bookkeeping rows that are
  /// derived from journaled ones (a connector's row hashes), and for the audit log itself.
  bool is_journaled = true;
  bool is_security = false;  ///< a change of it changes what people may do: bumps the security epoch
  ViewSource view;           ///< of a View
  std::vector<std::string> base_actions;  ///< view, create, edit, delete, export: those that the type offers

  const Field* find_field(std::string_view field) const;
  const Action* find_action(std::string_view action) const;
  /// base_actions and actions together: what a rule may name.
  bool has_action(std::string_view action) const;
  /// The State field, or null.
  const Field* state_field() const;
  bool operator==(const RecordType&) const = default;
};

/// Fields that every Stored type has beside its own: id, version, created_at, created_by, updated_at,
/// updated_by; a Child has id, position and a Ref named after its parent.
const std::vector<Field>& host_fields();
/// The host's own fields of `type`: as `host_fields` for a Stored type, with `id` a Ref to the type itself;
/// id, position and the Ref to the parent for a Child; none for views and virtual types. Lives as long as the
/// process. @threads any.
const std::vector<Field>& host_fields_of(const RecordType& type);
/// The names of all fields of `type`, its own first.
std::vector<std::string> field_names(const RecordType& type);

/// The name of a field type as manifests write it: "text", "money"…
std::string_view type_name(FieldType type);
/// The names of all field types.
const std::vector<std::string>& type_names();

struct Command {
  std::string plugin;
  std::string name;
  Label label;
  std::string
      right;  ///< the action on the plugin's Virtual type that it needs; empty: the command's own name
  bool is_offline = false;     ///< runs without a server
  bool shows_records = false;  ///< its answer shows records that no query of the caller gives, and says which
  bool operator==(const Command&) const = default;
};

struct Job {
  std::string plugin;
  std::string name;
  int64_t every_ms = 0;
  bool is_on_each_host = false;  ///< runs on every host at its own times, else on one of the installation
  bool is_when_idle = false;     ///< gets only what time of the processors nobody else wants
  bool operator==(const Job&) const = default;
};

struct Model {
  std::vector<RecordType> types;
  std::vector<Command> commands;
  std::vector<Job> jobs;
  std::map<std::string, std::vector<std::string>, std::less<>> subscriptions;  ///< event → plugins

  const RecordType* find(std::string_view type) const;
  const RecordType* find_plural(std::string_view plural) const;
  bool operator==(const Model&) const = default;
};

/// The names of the types with records of their own: no lists, views or virtual types.
std::vector<std::string> stored_types(const Model& model);

/// What a path that meets an internal field does.
enum class Internal : uint8_t {
  Absent,   ///< as if there were no such field: what callers ask for tells them nothing
  Refused,  ///< says that nobody is shown it: what people write who read manifests (policies, reports,
            ///< mappings)
  Named     ///< leads there: what code and manifests say themselves
};

/// Follows `path` ("client.country") from `type`; up to three links.
/// @return the last field, or NotFound naming the part that is not there with a suggestion, or the path that
/// nobody is shown.
Result<const Field*> resolve_path(const Model& model, const RecordType& type, std::string_view path,
                                  Internal internal = Internal::Refused);

/// The model as JSON and back; `read_model(write_model(m))` equals m.
Json write_model(const Model& model);
Result<Model> read_model(const Json& json);

/// The word of `words` nearest to `word` (edit distance up to a third of its length), or empty.
std::string nearest(std::string_view word, const std::vector<std::string>& words);
/// ` Did you mean "x"?` for the nearest of `words`, or empty: to be put after the full stop of a message.
std::string suggestion(std::string_view word, const std::vector<std::string>& words);

}  // namespace talon::model

#ifndef TALON_SDK_LIBRARY
#include <talon/model_json.hpp>
#include <talon/model_lookup.hpp>
#endif
