/// What login plugins say of somebody, and which of our people that is.
///
/// A person is found by the provider's own name for them (issuer and subject), never by an address that may
/// have changed hands; an address that the provider vouches for leads to somebody once, the first time.
#pragma once

#include "host/records/records.hpp"
#include "host/runtime/clock.hpp"

#include <talon/changeset.hpp>
#include <talon/json.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace talon::identity {

/// Somebody as a login plugin verified them (sdk/docs/abi.md, "Sign-in").
struct Claim {
  /// Whom an address that the provider vouches for may lead to.
  enum class Linking { Nobody, Invited, Anybody };
  std::string plugin;
  std::string issuer;
  std::string subject;
  std::string email;  ///< in small letters; empty: not told
  bool is_email_verified = false;
  std::string name;
  std::string language;            ///< "en", "fr" or empty
  std::vector<std::string> roles;  ///< made of the person's groups
  Linking linking = Linking::Invited;
  bool makes_people = false;  ///< somebody unknown becomes a user
  int64_t roles_days = 0;     ///< how long its roles hold without another claim; 0: until there is one
  int64_t session_us = 0;     ///< how long a session lasts at most; 0: as long as any
  int64_t renew_us = 0;       ///< how often the plugin is asked again; 0: never
  int64_t proved_us = 0;      ///< when the person showed who they are; 0: not known
  std::string kept;           ///< what the plugin asks its provider again by; a secret
};

/// @errors Internal: the plugin left out who it is.
Result<Claim> read_claim(const Json& json);

/// A refused sign-in. The details are for the audit log and stay out of the answer.
/// @param user  id as text; empty: nobody of ours.
Error refusal(const Claim& claim, const std::string& user, std::string_view why);

/// @threads any.
class Claims {
 public:
  struct Parts {
    records::Records* records = nullptr;
    const runtime::Clock* clock = nullptr;
    /// Which roles the policies know and let the person hold beside their others: {"email", "held", "roles"}
    /// → {"roles", "refused": [{"role", "why"}]}. Empty (tests): all.
    std::function<Result<Json>(const Json&)> fit_roles;
  };
  explicit Claims(Parts parts) : parts_(std::move(parts)) {}

  /// Whom the claim is of. Exactly the roles that this plugin handed out before are replaced by those of the
  /// claim, with a last day; the person's other roles stay. Somebody invited, or unknown, is brought in where
  /// the plugin's settings allow it.
  /// @errors Unauthenticated: nobody of ours, with the reason in the details.
  Result<int64_t> user_of(const Claim& claim, const gate::Call& call);

 private:
  struct Person;
  Result<int64_t> linked(const Claim& claim, const gate::Call& call, int64_t user);
  Result<int64_t> first_time(const Claim& claim, const gate::Call& call);
  Result<int64_t> make(const Claim& claim, const gate::Call& call);
  Result<Person> find(const std::string& where);
  /// Sets the operation's roles. @return whether they differ from what stands.
  Result<bool> replace_roles(const Claim& claim, const gate::Call& call, const Person& person,
                             Json& operation);
  int64_t day_after(int64_t days) const;  ///< yyyymmdd
  Json new_row(const Claim& claim, const std::string& role) const;
  Result<std::vector<std::string>> fitting(const Claim& claim, const gate::Call& call, const Person& person);

  Parts parts_;
};

}  // namespace talon::identity
