/// The reader's end of a connector: sessions opened through another plugin's talon.source/1 and talon.sink/1.
/// (The driver's end is `SourceOffer` and `SinkOffer` in talon/offers.hpp.)
#pragma once

#include <talon/abi/plugin_tables.h>
#include <talon/boundary.hpp>
#include <talon/json.hpp>
#include <talon/result.hpp>
#include <talon/value.hpp>

#include <functional>
#include <string>
#include <utility>

namespace talon::connector {

/// Takes one row of texts and nulls, in the order of the request's `columns`.
using TakeRow = std::function<Result<void>(Row)>;

/// A reading session. Movable; closes itself. @threads serial.
class Source {
 public:
  /// @param table, instance  as Host::table_of gave them; both outlive this.
  static Result<Source> open(const talon_source_v1* table, void* instance, const Json& connection) {
    void* handle = nullptr;
    boundary::StringWriter error;
    const std::string text = connection.to_string();
    TALON_DO(boundary::outcome(table->open(instance, boundary::text(text), &handle, &error), error));
    return Source(table, instance, handle);
  }
  Source(Source&& other) noexcept
      : table_(other.table_), instance_(other.instance_), handle_(std::exchange(other.handle_, nullptr)) {}
  Source& operator=(Source&&) = delete;
  ~Source() {
    if (handle_ != nullptr) table_->close(instance_, handle_);
  }

  /// Reads one page. @return {"next", "fingerprint", …} as the driver's README says.
  Result<Json> read(const Json& request, const TakeRow& take) const {
    boundary::RowReceiver rows(take);
    boundary::StringWriter page;
    boundary::StringWriter error;
    const std::string text = request.to_string();
    const talon_status status = table_->read(instance_, handle_, boundary::text(text), &rows, &page, &error);
    if (rows.refusal() != nullptr) return *rows.refusal();
    TALON_DO(boundary::outcome(status, error));
    return Json::parse(page.text);
  }
  Result<Json> describe(const Json& request) const {
    boundary::StringWriter out;
    boundary::StringWriter error;
    const std::string text = request.to_string();
    TALON_DO(
        boundary::outcome(table_->describe(instance_, handle_, boundary::text(text), &out, &error), error));
    return Json::parse(out.text);
  }

 private:
  Source(const talon_source_v1* table, void* instance, void* handle)
      : table_(table), instance_(instance), handle_(handle) {}

  const talon_source_v1* table_;
  void* instance_;
  void* handle_;
};

/// A writing session. Movable; closes itself. @threads serial.
class Sink {
 public:
  static Result<Sink> open(const talon_sink_v1* table, void* instance, const Json& connection) {
    void* handle = nullptr;
    boundary::StringWriter error;
    const std::string text = connection.to_string();
    TALON_DO(boundary::outcome(table->open(instance, boundary::text(text), &handle, &error), error));
    return Sink(table, instance, handle);
  }
  Sink(Sink&& other) noexcept
      : table_(other.table_), instance_(other.instance_), handle_(std::exchange(other.handle_, nullptr)) {}
  Sink& operator=(Sink&&) = delete;
  ~Sink() {
    if (handle_ != nullptr) table_->close(instance_, handle_);
  }

  /// Sends one request. Unavailable and DeadlineExceeded: the outcome is not known.
  Result<Json> send(const Json& request) const {
    boundary::StringWriter out;
    boundary::StringWriter error;
    const std::string text = request.to_string();
    TALON_DO(boundary::outcome(table_->send(instance_, handle_, boundary::text(text), &out, &error), error));
    return Json::parse(out.text);
  }

 private:
  Sink(const talon_sink_v1* table, void* instance, void* handle)
      : table_(table), instance_(instance), handle_(handle) {}

  const talon_sink_v1* table_;
  void* instance_;
  void* handle_;
};

}  // namespace talon::connector
