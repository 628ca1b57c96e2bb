/// People as the host's records have them: `user` with its lists `user_role` and `user_fact`.
#pragma once

#include "subject.hpp"

#include <talon/plugin.hpp>

#include <mutex>

namespace talon::access {

/// Reads people, as the plugin itself. Keeps what it read by the record's version, so that a plan costs one
/// small query.
/// @threads any.
class People {
 public:
  explicit People(Host& host) : host_(host) {}

  /// @errors NotFound: no such user. Unavailable and others: as records answered.
  Result<Person> by_id(int64_t id);
  Result<Person> by_email(std::string_view email);
  /// Everybody, in the order of their names. For who-can.
  Result<std::vector<Person>> all();
  /// The id of a record by its number ("C-100"), where its type has such a field; nothing where there is
  /// none.
  /// @errors as records answered.
  Result<std::optional<int64_t>> find_id(const model::Model& model, std::string_view type,
                                         std::string_view number);
  void forget();

 private:
  Result<Person> read(const Query& query);
  Result<void> read_lists(Person& person);

  Host& host_;  // outlives this; owned by the plugin's instance
  std::mutex mutex_;
  std::map<int64_t, Person> kept_;
};

}  // namespace talon::access
