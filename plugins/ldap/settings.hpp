/// The plugin's settings as a struct, every mistake with its place.
#pragma once

#include <talon/json.hpp>
#include <talon/result.hpp>
#include <talon/sign_in_rules.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace talon::ldap {

struct Settings {
  std::string server;  ///< ldap:// or ldaps://; empty: off
  bool is_starttls = true;
  std::string authority;  ///< PEM; empty: the system's
  std::string bind_dn;    ///< empty: nobody in particular
  std::string secret_name;
  std::string base;
  std::string filter;
  std::string subject;
  std::string email;
  std::string name;
  std::string group_base;  ///< empty: groups are the person's own attribute `member_of`
  std::string group_filter;
  std::string group_name;
  std::string member_of;
  SignInRules rules;                 ///< groups in small letters
  std::vector<std::string> domains;  ///< in small letters
};

/// @errors FailedPrecondition: all mistakes, each with its key and what to write there.
Result<Settings> read_settings(const Json& json);

/// `text` as a value within a filter (RFC 4515, section 3): it is compared, and means nothing.
std::string escaped(std::string_view text);
/// The filter with the escaped value in place of each `mark`, as in "{login}".
std::string filled(std::string_view filter, std::string_view mark, std::string_view value);

}  // namespace talon::ldap
