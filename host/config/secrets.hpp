/// Secrets by name: systemd credentials, files that only their owner can read, commands that print one
/// (decision 27).
#pragma once

#include "host/config/settings.hpp"
#include "host/runtime/secret.hpp"

#include <talon/result.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace talon::config {

class Secrets {
 public:
  /// @param credentials  systemd's $CREDENTIALS_DIRECTORY; empty: none.
  Secrets(std::filesystem::path directory,
          std::map<std::string, std::vector<std::string>, std::less<>> commands,
          std::filesystem::path credentials);
  /// From the settings and the environment.
  explicit Secrets(const Settings& settings);

  /// The secret `name` ("erp/password": letters, digits, - _ . and / between them): first a credential, then
  /// a file in the directory, then a command. One line end at the end of it is left out.
  /// @errors NotFound: none of the three has it; the message says where it was looked for.
  /// FailedPrecondition: the
  ///         file can be read by others (the message has the chmod), or its command failed. InvalidArgument:
  ///         the name.
  /// @threads any. Reads anew each time: a changed secret is seen at once.
  Result<runtime::Secret> find(std::string_view name) const;
  /// The text itself, or the secret that it names.
  Result<runtime::Secret> resolve(const MaybeSecret& text) const;

 private:
  std::filesystem::path directory_;
  std::map<std::string, std::vector<std::string>, std::less<>> commands_;
  std::filesystem::path credentials_;
};

/// What a file of its owner's alone holds, without the line feed at its end.
/// @param what  how messages name it: `secret "erp"`.
/// @errors NotFound: there is none; FailedPrecondition: others may read it, it is empty, no regular file, or
/// over 64 KiB.
Result<runtime::Secret> read_private_file(const std::filesystem::path& path, const std::string& what);

}  // namespace talon::config
