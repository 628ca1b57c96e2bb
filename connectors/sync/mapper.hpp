/// Source rows to values of the target's fields; what cannot be mapped comes out with its reason.
#pragma once

#include "lookups.hpp"
#include "page.hpp"

#include <talon/changeset.hpp>

namespace talon::sync {

/// One source row, mapped.
struct Mapped {
  enum class State { Ok, Filtered, Deleted, Rejected, Deferred };
  State state = State::Ok;
  std::string external_id;
  std::vector<Value> values;       ///< by the stream's fields; a pending reference is the text that names it
  std::vector<std::string> shown;  ///< of references: "STREAM/ID"; else empty
  Json lists;                      ///< as change sets have them
  std::string hash;                ///< of everything above
  std::string field;               ///< of Rejected and Deferred
  std::string reason;              ///< record, field, why, and the mapping's line
  SourceRow row;                   ///< kept for rejects

  std::string currency;  ///< of the record's amounts, for people
};

class Mapper {
 public:
  Mapper(const Connector& connector, const Stream& stream, const model::Model& model, Lookups& lookups)
      : connector_(connector),
        stream_(stream),
        type_(*model.find(stream.type)),
        model_(model),
        lookups_(lookups),
        key_(stream.column(stream.key)) {}

  /// Maps a page; its references are asked for in one go.
  /// @return Aborted: a field with `on_error: fail_run` failed. Else an error of the records.
  Result<std::vector<Mapped>> map(std::vector<SourceRow> rows);

 private:
  struct Fault {
    std::string field;
    std::string reason;
    bool is_deferred = false;
    bool ends_run = false;
  };
  /// What a record's fields, or a list row's, are read from and into.
  struct Frame {
    const std::vector<FieldMap>* fields = nullptr;
    const model::RecordType* type = nullptr;
    const Texts* cells = nullptr;
    const Frame* parent = nullptr;
    std::vector<Value> values = {};
    std::vector<std::string> shown = {};
  };

  void want(const SourceRow& row);
  Result<Mapped> map_row(SourceRow row);
  std::optional<Fault> map_all(const SourceRow& row, Mapped& mapped);
  std::optional<Fault> map_fields(Frame& frame);
  std::optional<Fault> map_reference(const FieldMap& field, const std::optional<std::string>& text,
                                     Frame& frame);
  std::optional<Fault> map_lists(const SourceRow& row, const Frame& parent, Mapped& mapped);
  static const std::optional<std::string>& cell(const FieldMap& field, const Texts& cells);
  std::string currency_of(const FieldMap& field, const Frame& frame) const;
  bool is_kept(const SourceRow& row) const;
  Fault fault(const FieldMap& field, std::string_view why, bool is_deferred = false) const;

  const Connector& connector_;
  const Stream& stream_;
  const model::RecordType& type_;
  const model::Model& model_;
  Lookups& lookups_;
  std::size_t key_;  ///< the key's column
};

}  // namespace talon::sync
