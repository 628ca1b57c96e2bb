/// talon.sink/1 over ODBC: one statement with named places, in a transaction of its own.
#include "session.hpp"
#include "source.hpp"

#include <cctype>

namespace talon::odbc {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// Replaces :name outside of quotes by ?, and lists the values in that order. `::` (a cast) stays.
Result<std::string> positional(std::string_view sql, const Json& parameters, std::vector<Bound>& bounds) {
  std::string result;
  char quote = '\0';
  for (std::size_t i = 0; i < sql.size(); ++i) {
    const char c = sql[i];
    if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == ':' && i + 1 < sql.size() && sql[i + 1] == ':') {
      result += "::";
      ++i;
      continue;
    } else if (c == ':' && i + 1 < sql.size() && is_word(sql[i + 1])) {
      std::size_t end = i + 1;
      while (end < sql.size() && is_word(sql[end])) ++end;
      const std::string name(sql.substr(i + 1, end - i - 1));
      const Json* value = parameters.find(name);
      if (value == nullptr) return invalid("the statement names :" + name + ", which has no parameter");
      Bound bound{std::string(value->is_number() ? value->digits() : value->string())};
      bound.is_null = value->is_null();
      bounds.push_back(std::move(bound));
      result += '?';
      i = end - 1;
      continue;
    }
    result += c;
  }
  return result;
}

class OdbcSink : public SinkSession {
 public:
  explicit OdbcSink(std::unique_ptr<Session> session) : session_(std::move(session)) {}

  Result<Json> send(const Json& request) override {
    std::vector<Bound> bounds;
    TALON_TRY(const std::string sql,
              positional(request["statement"].string(), request["parameters"], bounds));
    auto rows = session_->change(sql, bounds);
    const Json& expected = request["expect_rows"];
    const bool is_expected = rows && (expected.is_null() || expected.integer() == *rows);
    auto ended = session_->end(is_expected ? Session::Ending::Commit : Session::Ending::RollBack);
    if (!rows) return std::move(rows).error();
    if (!is_expected) {
      return Error{Code::Aborted,
                   "the statement changed " + std::to_string(*rows) + " rows where " +
                       std::to_string(expected.integer()) +
                       " were expected; rolled back: the row was changed or deleted meanwhile"};
    }
    if (!ended) {
      Error error = std::move(ended).error();
      error.code = Code::Unavailable;  // whether it took effect is not known
      return error;
    }
    return Json::object({{"rows", *rows}});
  }

 private:
  std::unique_ptr<Session> session_;
};

}  // namespace

Result<std::unique_ptr<SinkSession>> open_sink(const Json& connection) {
  TALON_TRY(auto session, Session::open(connection));
  return std::unique_ptr<SinkSession>(new OdbcSink(std::move(session)));
}

}  // namespace talon::odbc
