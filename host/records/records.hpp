/// The one door to data. Every call is judged by the gate first; the filter goes into the SQL, the mask over
/// the answer.
#pragma once

#include "host/gate/gate.hpp"
#include "host/storage/database.hpp"

#include <talon/records.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace talon::records {

using gate::Call;

/// Runs `run: code` actions; implemented by the plugins room.
class ActionRunner {
 public:
  virtual ~ActionRunner() = default;
  /// @return the change set as JSON text (docs/changesets.md).
  virtual Result<std::string> run(const Call& call, const model::RecordType& type, std::string_view id,
                                  std::string_view action, const Json& input) = 0;
  /// What plugins say of a body that a caller sends of a record, before it is written (the manifest's
  /// `checks`).
  /// @param id  of the record that is changed; empty: it is made.
  /// @errors InvalidArgument with details: all mistakes; Unavailable: a plugin that judges it does not run.
  virtual Result<void> check(const Call& call, const model::RecordType& type, std::string_view id,
                             const Json& body) = 0;
};

/// Takes the read log's entries before an answer leaves; implemented over talon.audit/1.
class ReadLog {
 public:
  virtual ~ReadLog() = default;
  /// @param entry  one JSON object as text.
  virtual Result<void> read(std::string_view entry) = 0;
};

/// Receives the columns of a query's answer, then its rows: masked, in the order of the query's fields. Cells
/// after the columns are currencies that `Column::currency` points to.
struct Column {
  std::string path;
  const model::Field* field = nullptr;  ///< null for "count"
  int currency = -1;  ///< of an amount: which cell of the row holds its currency; −1: none
};
struct QuerySink {
  std::function<Result<void>(const std::vector<Column>&)> columns;
  std::function<Result<void>(Row)> row;
};
/// What a page's end says.
struct PageEnd {
  std::string next_cursor;  ///< signed; empty: no more
  int64_t total = -1;       ///< when asked for
};

/// A query as callers send it.
struct QueryRequest : talon::Query {
  std::string cursor;
  bool wants_total = false;
  /// Set by the host for what is asked over and over: "id", or a reference, that must be `by_id`. The
  /// statement is then kept for every id, and `where` says the same for the read log only.
  std::string by;
  int64_t by_id = 0;
  std::string action = "view";  ///< or "export", "run"
};
Result<QueryRequest> read_query(const Json& json);

/// Whether the caller may do something: to one record, or, without an id, to none in particular.
struct Question {
  std::string_view action;
  std::string_view type;
  std::optional<std::string_view> id = {};
};
inline constexpr std::size_t kQuestionsMax = 500;  ///< in one request (interfaces.md)

/// What a write gives back: the record as the caller may see it.
struct Written {
  Json record;  ///< with "id" and "version"; of an action its answer, if it gave one
  int64_t version = 0;
  bool is_replay = false;  ///< an idempotency key that was used before
};

class Records {
 public:
  struct Parts {
    std::shared_ptr<const model::Model> model;
    storage::Database* database = nullptr;
    gate::Gate* gate = nullptr;
    ActionRunner* actions = nullptr;  ///< may be null in tests
    ReadLog* read_log = nullptr;      ///< null: types with a read log cannot be read (fail closed)
    std::function<int64_t()> now_us;
    std::function<int64_t()> today;  ///< yyyymmdd
    std::string signing_key;         ///< of cursors and feed tokens
    int node = 0;                    ///< 0..1023, unique among the hosts of one database
  };
  explicit Records(Parts parts);
  ~Records();

  void set_model(std::shared_ptr<const model::Model> model);
  /// Both outlive this; set before the first request (the plugins room needs records to be made first).
  void set_actions(ActionRunner* actions);
  void set_read_log(ReadLog* read_log);
  std::shared_ptr<const model::Model> model() const;

  // Reading. A record that the caller may not see is NotFound, as one that is not there.
  Result<PageEnd> query(const Call& call, const QueryRequest& request, const QuerySink& sink);
  /// One record as the API shows it. @param fields  empty: all visible ones, child lists included.
  Result<Json> get(const Call& call, std::string_view type, std::string_view id,
                   const std::vector<std::string>& fields);
  /// The audit entries of one record, as far as the caller may see its fields.
  Result<Json> history(const Call& call, std::string_view type, std::string_view id);
  /// What changed since `token` (empty: from now on):
  /// {"changes":[{type,id,version,event}],"next":TOKEN,"more", "reset"}. Reset: the token is older than the
  /// outbox, so that the caller reads everything again and goes on with `next`.
  Result<Json> changes(const Call& call, std::string_view token, const std::vector<std::string>& types,
                       int64_t limit);

  /// Waits until something is committed here after `seen` commits, or `at_most` has passed. @return commits
  /// so far.
  uint64_t wait_for_commit(uint64_t seen, std::chrono::milliseconds at_most);

  // Writing. `body` is the API's form: {"field": value, "lines": [{…}]}.
  Result<Written> create(const Call& call, std::string_view type, const Json& body);
  /// @param version  from If-Match. @return Aborted with details {base, theirs, mine} when it is stale.
  Result<Written> change(const Call& call, std::string_view type, std::string_view id, int64_t version,
                         const Json& body);
  Result<void> remove(const Call& call, std::string_view type, std::string_view id, int64_t version);
  /// @param version  −1: none given. Runs code actions again on a conflict, at most 5 times.
  Result<Written> act(const Call& call, std::string_view type, std::string_view id, std::string_view action,
                      int64_t version, const Json& input);
  /// A change set in one transaction (docs/changesets.md). @param values  of its `create_all` operations.
  /// @return its answer.
  Result<Json> apply(const Call& call, const Json& changeset, storage::Lane lane = storage::Lane::Batch,
                     Row values = {});
  /// Something that happened and changed no record, for the audit log: a sign-in that was refused, a second
  /// factor that was shown. For the host's own rooms; nothing is judged.
  struct Note {
    std::string kind = "access";  ///< access or system
    std::string type;
    int64_t record = 0;  ///< 0: none
    std::string action;  ///< "sign_in_refused"
    Json content = Json::object();
  };
  Result<void> note(const Call& call, const Note& note);
  /// Takes into the read log, where the type has one, what the caller is shown of records by an answer that
  /// no query of theirs gives. Before it is shown; nothing is judged.
  /// @param action  by what: "explain".
  /// @param answer  says so of itself in `shown`: [{"type", "records": [ID], "fields": [PATH]}]; an item for
  ///                what was only counted also has "where", the condition, may have no records, and "count"
  ///                among its fields (docs/manifest.md, commands). It is for the host alone and taken out.
  /// @errors Internal: it does not say it, says it in another form, or of what the model does not know; as a
  ///         query's, where it cannot be logged.
  Result<void> log_shown(const Call& call, std::string_view action, Json& answer);

  // Asking.
  /// The caller sees every record whose id stands in `input`, such as a command's arguments.
  /// @errors InvalidArgument, with details: one is not there, or not theirs to see.
  Result<void> judge_references(const Call& call, const Json& input);
  /// Whether each is allowed, in order. @errors InvalidArgument: more than kQuestionsMax, or no such action;
  /// NotFound: no such type.
  Result<std::vector<bool>> check(const Call& call, std::span<const Question> questions);
  Result<bool> check(const Call& call, const Question& question);

  struct Inside;  // shared with this room's other files

 private:
  std::unique_ptr<Inside> inside_;
};

}  // namespace talon::records
