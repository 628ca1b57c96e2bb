/// Expected outcomes as values: `Code`, `Error`, `Result<T>` and TALON_TRY.
#pragma once

#include <talon/abi/base.h>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace talon {

/// The sixteen status codes; docs/errors.md maps each to HTTP and to "may retry".
enum class Code : int32_t {
  Ok = TALON_OK,
  Cancelled = TALON_CANCELLED,
  Unknown = TALON_UNKNOWN,
  InvalidArgument = TALON_INVALID_ARGUMENT,
  DeadlineExceeded = TALON_DEADLINE_EXCEEDED,
  NotFound = TALON_NOT_FOUND,
  AlreadyExists = TALON_ALREADY_EXISTS,
  PermissionDenied = TALON_PERMISSION_DENIED,
  ResourceExhausted = TALON_RESOURCE_EXHAUSTED,
  FailedPrecondition = TALON_FAILED_PRECONDITION,
  Aborted = TALON_ABORTED,
  OutOfRange = TALON_OUT_OF_RANGE,
  Unimplemented = TALON_UNIMPLEMENTED,
  Internal = TALON_INTERNAL,
  Unavailable = TALON_UNAVAILABLE,
  DataLoss = TALON_DATA_LOSS,
  Unauthenticated = TALON_UNAUTHENTICATED,
};

/// Why something failed. `message` is for a person (what failed, on which id, what to do); machines read
/// `code` and `details`.
struct Error {
  Code code = Code::Unknown;
  std::string message;
  std::string details = {};  ///< JSON text: an array of {pointer, code, message}, an object, or empty.
};

/// A value or an Error. Test with `if (result)`, then `*result`; or TALON_TRY.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return state_.index() == 0; }
  T& operator*() & { return std::get<0>(state_); }
  const T& operator*() const& { return std::get<0>(state_); }
  T&& operator*() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }
  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

/// Success without a value, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  explicit operator bool() const { return !error_; }
  const Error& error() const& { return *error_; }
  Error&& error() && { return std::move(*error_); }

 private:
  std::optional<Error> error_;
};

inline Error invalid(std::string message) { return {Code::InvalidArgument, std::move(message)}; }
inline Error not_found(std::string message) { return {Code::NotFound, std::move(message)}; }
inline Error denied(std::string message) { return {Code::PermissionDenied, std::move(message)}; }
inline Error failed_precondition(std::string message) {
  return {Code::FailedPrecondition, std::move(message)};
}
inline Error internal(std::string message) { return {Code::Internal, std::move(message)}; }
inline Error unavailable(std::string message) { return {Code::Unavailable, std::move(message)}; }

[[noreturn]] inline void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "TALON_CHECK failed: %s at %s:%d\n", condition, file, line);
  std::abort();
}

}  // namespace talon

#define TALON_JOIN_INNER(a, b) a##b
#define TALON_JOIN(a, b) TALON_JOIN_INNER(a, b)

/// TALON_TRY(const auto x, f()): declares x from the Result of f(), or returns its error.
#define TALON_TRY(declaration, ...) \
  TALON_TRY_NAMED(TALON_JOIN(talon_result_, __LINE__), declaration, __VA_ARGS__)
#define TALON_TRY_NAMED(name, declaration, ...) \
  auto name = (__VA_ARGS__);                    \
  if (!name) return std::move(name).error();    \
  declaration = *std::move(name)

/// TALON_DO(f()): returns the error of a Result without a value.
#define TALON_DO(...) TALON_DO_NAMED(TALON_JOIN(talon_done_, __COUNTER__), __VA_ARGS__)
#define TALON_DO_NAMED(name, ...)                                         \
  do {                                                                    \
    if (auto name = (__VA_ARGS__); !name) return std::move(name).error(); \
  } while (false)

/// An invariant, on in release too: ends the process with a message.
#define TALON_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::talon::check_failed(#condition, __FILE__, __LINE__))
