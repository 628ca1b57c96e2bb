/// A connector's mapping, as read and checked: what to read, how a row becomes a record, where it goes.
#pragma once

#include <talon/document.hpp>
#include <talon/expression/evaluate.hpp>
#include <talon/json.hpp>
#include <talon/model.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace talon::sync {

/// How a source writes a value, where the field's type does not say it.
enum class Form {
  Plain,
  Email,
  Country,       ///< ISO 3166-1 alpha-2
  CurrencyCode,  ///< ISO 4217
  EpochSeconds,
  EpochMs,
  DateDmy,        ///< 31.12.2026, 31/12/2026
  DateMdy,        ///< 12/31/2026
  DateOfTime,     ///< the day of a timestamp
  MinorUnits,     ///< an amount as an integer of minor units
  HoursToMinutes  ///< 1.5 → 90
};
enum class Transform { Trim, Upper, Lower, StripSpaces };
enum class OnError { Quarantine, SetNull, FailRun };
enum class Missing { Quarantine, Defer, SetNull };

/// How one field gets its value.
struct FieldMap {
  enum class Kind { From, Const, Ref, Lookup };
  std::string field;
  Place place;
  Kind kind = Kind::From;
  std::string from;               ///< the source's column
  std::size_t column = SIZE_MAX;  ///< its place among the stream's columns, or the list's; SIZE_MAX: none
  std::string constant;           ///< of Const
  std::string stream;             ///< of Ref: whose identities are meant
  std::string type;               ///< of Ref and Lookup: the record type
  std::string by;                 ///< of Lookup: its field
  Form form = Form::Plain;
  std::vector<Transform> transforms;
  std::vector<std::string> null_if;
  std::optional<std::string> fallback;
  std::map<std::string, std::string> values;
  bool has_values = false;
  bool is_required = false;
  bool is_ours = false;  ///< `owner: talon`: set when the record is made, never changed afterwards
  OnError on_error = OnError::Quarantine;
  Missing missing = Missing::Quarantine;
  model::Field info;  ///< the target's field
};

/// A child list of the target, from a table beside the parent's or from a list inside the record.
struct ListMap {
  std::string name;
  std::string type;
  std::string from;   ///< column with a JSON array; empty: `source`
  Json source;        ///< {"table"|"query"}
  std::string join;   ///< column with the parent's key
  std::string order;  ///< unique column that orders the rows
  std::vector<std::string> columns;
  std::vector<FieldMap> fields;
};

struct Deletes {
  enum class Mode { None, SoftFlag, KeyDiff };
  Mode mode = Mode::None;
  std::string column;         ///< of SoftFlag: not empty and not false: deleted
  std::vector<FieldMap> set;  ///< constants that mark the record
  int64_t every_us = 0;       ///< of KeyDiff: at most this often; 0: every run
  int64_t rows_max = 1000;    ///< more than this and nothing is done
  int64_t percent_max = 10;
};

/// A stream out: events become requests.
struct Push {
  std::vector<std::string> events;
  std::string type;
  std::string path;
  std::string lookup_path;                                ///< asks for what may have arrived
  std::string lookup_query;                               ///< the parameter that carries the reference
  std::string reference = "number";                       ///< the field that both sides know it by
  std::string lane = "client";                            ///< keeps the order of one client's documents
  std::vector<std::pair<std::string, std::string>> body;  ///< name → field path, or ="constant"
  std::string verify_path;                                ///< member of the answer that must equal…
  std::string verify_field;                               ///< …this field
  std::string lines;                                      ///< member for the lines; empty: none
  std::vector<std::pair<std::string, std::string>> line_body;
};

struct Column {
  std::string name;  ///< as the mapping says it
  std::string path;  ///< as the source takes it; the same for ODBC
};

struct Stream {
  std::string name;
  Place place;
  bool is_out = false;
  Json source;      ///< the request's fixed part
  std::string key;  ///< column with the external id
  std::vector<Column> columns;
  std::string cursor;       ///< column that grows with changes; empty: read in full each time
  std::string since_query;  ///< of HTTP: the parameter that carries the lower bound
  int64_t lookback_us = 0;
  int64_t settle_s = 0;
  int64_t page_rows = 1000;
  std::string filter_text;
  expression::Program filter;
  std::vector<std::size_t> filter_columns;  ///< slot → column
  std::vector<std::string> depends_on;
  std::string type;
  std::vector<std::string> key_fields;
  std::vector<FieldMap> fields;
  std::vector<ListMap> lists;
  Deletes deletes;
  Push push;
  int64_t rejects_max = 0;  ///< 0: no limit
  std::string hash;         ///< of all the above, as written

  std::size_t column(std::string_view column_name) const {
    std::size_t i = 0;
    while (i < columns.size() && columns[i].name != column_name) ++i;
    return i;
  }
};

struct Connector {
  std::string name;
  std::string file;
  Json connection;              ///< `{"$secret": NAME}` where the mapping has !secret
  std::string driver;           ///< plugin: "odbc" or "http"
  int64_t every_us = 0;         ///< 0: by hand only
  std::vector<Stream> streams;  ///< in the order in which they run

  const Stream* find(std::string_view stream) const {
    for (const Stream& candidate : streams) {
      if (candidate.name == stream) return &candidate;
    }
    return nullptr;
  }
};

/// All mappings, checked against `model`. @param mistakes  all of them; with any, the result is of no use.
std::vector<Connector> read_mappings(const std::vector<Document>& documents, const model::Model& model,
                                     Mistakes& mistakes);

}  // namespace talon::sync
