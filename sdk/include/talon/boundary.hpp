/// The C boundary in C++ clothes: borrowed text, writers that fill strings, errors as JSON, exceptions as
/// Internal. Used by both sides; plugin code does not need it.
#pragma once

#include <talon/abi/plugin.h>
#include <talon/json.hpp>
#include <talon/result.hpp>
#include <talon/value.hpp>

#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace talon::boundary {

inline std::string_view view(talon_text text) {
  return text.size == 0 ? std::string_view() : std::string_view(text.data, text.size);
}
inline talon_text text(std::string_view view) { return {view.data(), view.size()}; }

/// A table of the host, or null.
template <typename Table>
const Table* host_table(const talon_host* host, std::string_view id) {
  if (!TALON_HAS(host, table)) return nullptr;
  return static_cast<const Table*>(host->table(host->self, text(id)));
}

/// Writes all of `text` to `writer`, which may be null.
inline talon_status write(const talon_writer* writer, std::string_view text) noexcept {
  if (!TALON_HAS(writer, write) || text.empty()) return TALON_OK;
  return writer->write(writer->self, text.data(), text.size());
}

/// A `talon_writer` that gathers text. Hand `&writer` to a table; the object outlives the call.
class StringWriter : public talon_writer {
 public:
  StringWriter() : talon_writer{sizeof(talon_writer), nullptr, &StringWriter::append} { self = this; }
  StringWriter(const StringWriter&) = delete;
  StringWriter& operator=(const StringWriter&) = delete;
  std::string text;

 private:
  static talon_status append(void* self, const char* data, uint64_t size) {
    try {
      static_cast<StringWriter*>(self)->text.append(data, size);
      return TALON_OK;
    } catch (const std::exception&) {
      return TALON_RESOURCE_EXHAUSTED;
    }
  }
};

/// A `talon_rows` that hands each row to a function and keeps the error that ended it.
class RowReceiver : public talon_rows {
 public:
  using Take = std::function<Result<void>(Row)>;

  explicit RowReceiver(const Take& take)
      : talon_rows{sizeof(talon_rows), nullptr, &RowReceiver::receive}, take_(take) {
    self = this;
  }
  RowReceiver(const RowReceiver&) = delete;
  RowReceiver& operator=(const RowReceiver&) = delete;
  /// Why `take` ended the rows; null when it did not.
  const Error* refusal() const { return refusal_ ? nullptr : &refusal_.error(); }

 private:
  static talon_status receive(void* self, const talon_value* values, uint32_t count) {
    auto& receiver = *static_cast<RowReceiver*>(self);
    // A Cell adds no member to talon_value (value.hpp asserts it).
    const Row row(static_cast<const Cell*>(values), count);
    try {
      receiver.refusal_ = receiver.take_(row);
    } catch (const std::exception& failure) {
      receiver.refusal_ = internal(std::string("a row's receiver threw: ") + failure.what());
    }
    return receiver.refusal_ ? TALON_OK : static_cast<talon_status>(receiver.refusal_.error().code);
  }

  const Take& take_;
  Result<void> refusal_;
};

/// Writes `failure` as {"message","details"} and gives its status; never TALON_OK.
inline talon_status fail(const talon_writer* error, const Error& failure) noexcept {
  const auto status = static_cast<talon_status>(failure.code);
  try {
    Json json = Json::object({{"message", failure.message}});
    if (!failure.details.empty()) {
      const Result<Json> details = Json::parse(failure.details);
      json.set("details", details ? *details : Json(failure.details));
    }
    write(error, json.to_string());
  } catch (const std::exception&) {
    return TALON_INTERNAL;
  }
  return status == TALON_OK ? TALON_INTERNAL : status;
}

/// The Error of a failed call: `status` and what the error writer got.
inline Error read_error(talon_status status, std::string_view json) {
  Error error{
      status > TALON_OK && status <= TALON_UNAUTHENTICATED ? static_cast<Code>(status) : Code::Unknown, {}};
  const Result<Json> parsed = Json::parse(json);
  if (parsed && parsed->is_object()) {
    error.message = std::string((*parsed)["message"].string());
    const Json& details = (*parsed)["details"];
    if (!details.is_null()) error.details = details.to_string();
  } else {
    error.message = std::string(json);
  }
  if (error.message.empty())
    error.message = "failed with status " + std::to_string(status) + ", without a message";
  return error;
}

/// Success, or the error that the call wrote.
inline Result<void> outcome(talon_status status, const StringWriter& error) {
  if (status == TALON_OK) return {};
  return read_error(status, error.text);
}

/// Runs `work` (→ Result<void>) so that nothing is thrown across the boundary: an exception becomes
/// TALON_INTERNAL.
template <typename Work>
talon_status guarded(const talon_writer* error, Work&& work) noexcept {
  try {
    const Result<void> done = std::forward<Work>(work)();
    return done ? TALON_OK : fail(error, done.error());
  } catch (const std::exception& exception) {
    return fail(error,
                Error{Code::Internal, std::string("an exception ended the call: ") + exception.what()});
  } catch (...) {
    return fail(error, Error{Code::Internal, "an exception of an unknown type ended the call"});
  }
}

/// Gives `text` to `out` inside a `guarded` call.
inline Result<void> give(const talon_writer* out, std::string_view text) {
  const talon_status status = write(out, text);
  if (status == TALON_OK) return {};
  return Error{status <= TALON_UNAUTHENTICATED ? static_cast<Code>(status) : Code::Unknown,
               "the receiver takes no more output"};
}

}  // namespace talon::boundary
