/// What requests are about: records that a subject must not learn of, and ids and texts that nothing has.
#pragma once

#include "tests/integration/paths/askers.hpp"
#include "tests/integration/paths/sights.hpp"

#include <functional>

namespace talon::paths {

/// Chooses a row of a type; 0: there is none to choose.
using Choice = std::function<int64_t(std::string_view type)>;

/// The chosen records, or in their place what is not there. Keeps what it gave, in order.
class Chosen : public Objects {
 public:
  enum class As { There, NotThere };
  Chosen(const Town& town, Choice choice, As as) : town_(town), choice_(std::move(choice)), as_(as) {}

  std::string id(std::string_view type) override;
  std::string text(std::string_view type, const std::string& field) override;
  const std::vector<std::string>& given() const { return given_; }

 private:
  const Town& town_;
  Choice choice_;
  As as_;
  std::vector<std::string> given_;
};

/// The last row that is not in sight, which is the other side's; where all are, or there are none: nothing.
Choice last_hidden(const Town& town, const Sight& sight);
/// The first one: of the own side or of nobody's, but not for them.
Choice first_hidden(const Town& town, const Sight& sight);
/// The first row in sight.
Choice first_seen(const Town& town, const Sight& sight);

/// Status, headers and body but for what each request has of its own: its id, its time, feed tokens.
/// @param given  stands in the answer as <0>, <1>…
std::string comparable(const Ask& ask, const Answer& answer, const std::vector<std::string>& given = {});

/// Texts and ids in the answer that are not for whoever has this sight, but for those that they asked with.
std::vector<std::string> leaks(const Town& town, const Sight& sight, const Ask& ask, const Answer& answer);

/// Sends it from a connection of its own where it is a sign-in, which is slowed down by address.
Answer send(ApiClient& client, const Ask& ask);

}  // namespace talon::paths
