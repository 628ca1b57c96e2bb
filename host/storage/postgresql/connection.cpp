/// One connection to PostgreSQL in pipeline mode.
#include "host/storage/postgresql/connection.hpp"

#include "host/storage/errors.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace talon::storage::postgresql {

namespace {

constexpr std::size_t kStatementsMax = 500;  // kept; beyond it something makes texts without end
constexpr auto kIdleMax = std::chrono::seconds(1);

constexpr const char* kSettings =
    // Short: who waits for a lock in a group makes all of the group wait, and two groups would wait for each
    // other (found out by the server only after its deadlock_timeout, a second). The work is run again later
    // instead.
    "set lock_timeout = '100ms';"
    "set idle_in_transaction_session_timeout = '60s';"
    // What is answered must be durable, whatever the server's default is.
    "select case when current_setting('synchronous_commit') = 'off'"
    " then set_config('synchronous_commit', 'on', false) end";

ServerError describe(const PGresult* result) {
  const auto part = [&](int field) {
    const char* text = PQresultErrorField(result, field);
    return std::string(text != nullptr ? text : "");
  };
  ServerError error{part(PG_DIAG_SQLSTATE), part(PG_DIAG_MESSAGE_PRIMARY), part(PG_DIAG_CONSTRAINT_NAME)};
  if (error.message.empty()) error.message = PQresultErrorMessage(result);
  return error;
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const std::string& url) {
  std::unique_ptr<Connection> connection(new Connection(url));
  TALON_DO(connection->connect());
  return connection;
}

Connection::~Connection() { PQfinish(handle_); }

Result<void> Connection::connect() {
  PQfinish(handle_);
  statements_.clear();
  pending_.clear();
  failure_.reset();
  const std::array<const char*, 6> keywords{"dbname",          "client_encoding", "fallback_application_name",
                                            "connect_timeout", "keepalives_idle", nullptr};
  const std::array<const char*, 6> values{url_.c_str(), "UTF8", "talon", "5", "30", nullptr};
  handle_ = PQconnectdbParams(keywords.data(), values.data(), 1);
  is_lost_ = PQstatus(handle_) != CONNECTION_OK;
  if (is_lost_) return unavailable(std::string("PostgreSQL: ") + PQerrorMessage(handle_));
  PQsetNoticeProcessor(
      handle_, [](void*, const char*) {}, nullptr);  // "does not exist, skipping"
  PGresult* set = PQexec(handle_, kSettings);
  const bool is_set = PQresultStatus(set) == PGRES_TUPLES_OK;
  PQclear(set);
  if (!is_set || PQenterPipelineMode(handle_) != 1) return lost();
  last_used_ = std::chrono::steady_clock::now();
  return {};
}

Result<void> Connection::ensure() {
  if (!is_lost_ && std::chrono::steady_clock::now() - last_used_ > kIdleMax) {
    if (!run({"select 1", {}}, nullptr, 0)) is_lost_ = true;
  }
  if (!is_lost_ && statements_.size() > kStatementsMax) {
    if (run({"deallocate all", {}}, nullptr, 0)) statements_.clear();
  }
  return is_lost_ ? connect() : Result<void>();
}

bool Connection::expects_rows() const {
  return std::any_of(pending_.begin(), pending_.end(),
                     [](const Pending& pending) { return pending.expect_rows >= 0; });
}

Error Connection::lost() {
  is_lost_ = true;
  return unavailable(std::string("PostgreSQL: the connection is lost: ") + PQerrorMessage(handle_) +
                     "; try again");
}

Result<void> Connection::send(const Sql& sql, int64_t expect_rows, std::size_t owner) {
  if (is_lost_) return lost();
  const Statements::Found found = statements_.find(sql);
  if (found.is_new) {
    const int sent =
        PQsendPrepare(handle_, found.prepared->name.c_str(), found.text->c_str(),
                      static_cast<int>(found.prepared->types.size()), found.prepared->types.data());
    if (sent != 1) return lost();
    pending_.push_back({Pending::Kind::Prepare, owner, -1, found.prepared, found.text});
  }
  const Parameters parameters(sql);
  if (PQsendQueryPrepared(handle_, found.prepared->name.c_str(), parameters.count(), parameters.values(),
                          parameters.lengths(), parameters.formats(), 0) != 1) {
    return lost();
  }
  pending_.push_back({Pending::Kind::Execute, owner, expect_rows, found.prepared, found.text});
  return {};
}

Result<void> Connection::sync() {
  if (is_lost_ || PQpipelineSync(handle_) != 1) return lost();
  pending_.push_back({Pending::Kind::Sync, 0, -1, nullptr, nullptr});
  return {};
}

void Connection::fail(const Pending& pending, Error error, bool may_run_again) {
  if (!failure_) failure_ = Failure{pending.owner, std::move(error), may_run_again};
}

void Connection::take(const Pending& pending, PGresult* result) {
  switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK: {
      tag_ = PQcmdStatus(result);
      const std::string_view count = PQcmdTuples(result);
      affected_ = 0;
      std::from_chars(count.data(), count.data() + count.size(), affected_);
      if (pending.expect_rows >= 0 && pending.expect_rows != affected_) {
        fail(pending, unexpected_rows(pending.expect_rows, affected_), false);
      }
      return;
    }
    case PGRES_PIPELINE_ABORTED:
      if (pending.kind == Pending::Kind::Prepare) statements_.forget(pending.prepared);
      return;
    case PGRES_SINGLE_TUPLE:
      return;
    default:
      break;
  }
  const ServerError error = describe(result);
  if (pending.kind == Pending::Kind::Prepare) statements_.forget(pending.prepared);
  if (postgresql::is_lost(error.state)) is_lost_ = true;
  fail(pending, to_error(error, *pending.text), may_run_again(error.state));
}

void Connection::collect(std::size_t leave) {
  while (pending_.size() > leave && !is_lost_) {
    const Pending pending = pending_.front();
    PGresult* result = PQgetResult(handle_);
    if (pending.kind == Pending::Kind::Sync) {
      if (PQresultStatus(result) != PGRES_PIPELINE_SYNC) fail(pending, lost(), false);
      PQclear(result);
      pending_.pop_front();
      continue;
    }
    for (; result != nullptr; result = PQgetResult(handle_)) {
      take(pending, result);
      PQclear(result);
    }
    if (PQstatus(handle_) != CONNECTION_OK) fail(pending, lost(), false);
    pending_.pop_front();
  }
  last_used_ = std::chrono::steady_clock::now();
}

}  // namespace talon::storage::postgresql
