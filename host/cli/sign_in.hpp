/// The saved sign-in of `talon login`, and files that only their owner may read.
#pragma once

#include <talon/result.hpp>

#include <filesystem>
#include <string>

namespace talon::cli {

struct SignIn {
  std::string server;
  std::string token;
};

/// $TALON_SIGN_IN, else talon/sign_in.json below $XDG_CONFIG_HOME or ~/.config.
std::filesystem::path sign_in_path();

/// @return NotFound: nobody signed in here.
Result<SignIn> read_sign_in(const std::filesystem::path& path);
/// Writes it with mode 0600, whole or not at all.
Result<void> write_sign_in(const std::filesystem::path& path, const SignIn& sign_in);

/// The first line of a file with a secret; "-" reads standard input.
/// @errors NotFound; FailedPrecondition: others than its owner can read it, or it is empty.
Result<std::string> read_private_line(const std::string& path);

}  // namespace talon::cli
