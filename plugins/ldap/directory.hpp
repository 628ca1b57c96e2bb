/// A connection to the directory. libldap is behind directory.cpp and nowhere else.
#pragma once

#include "settings.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace talon::ldap {

/// An entry that was found.
struct Entry {
  std::string dn;
  std::vector<std::pair<std::string, std::vector<std::string>>> attributes;  ///< names as asked for

  /// The values of an attribute; none where it has none.
  const std::vector<std::string>& values(std::string_view attribute) const;
  /// The first of them, or empty.
  std::string first(std::string_view attribute) const;
};

/// One conversation, over TLS unless the settings say that it stays on this machine. Each step takes five
/// seconds at most; referrals to other servers are not followed. @threads one.
class Directory {
 public:
  /// Connects and begins TLS. @errors Unavailable: no answer; FailedPrecondition: no TLS, or its certificate
  /// is not good.
  static Result<Directory> open(const Settings& settings);
  Directory(Directory&&) noexcept;
  Directory& operator=(Directory&&) noexcept;
  ~Directory();

  /// Proves to be `dn`. @param password  not empty: without one a directory lets anybody be anybody.
  /// @return false: it says no (in `reason`, why: invalid credentials, locked…). @errors Unavailable.
  Result<bool> bind(const std::string& dn, const std::string& password, std::string& reason);
  /// @param limit  entries at most; one more is no error. @errors Unavailable; FailedPrecondition: the base
  /// or
  ///        the filter is not right, or the searcher may not.
  Result<std::vector<Entry>> search(const std::string& base, const std::string& filter,
                                    const std::vector<std::string>& attributes, int limit);

 private:
  struct Inside;
  explicit Directory(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace talon::ldap
