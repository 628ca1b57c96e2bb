/// The installation's key (decision 27), with which secrets in the database are sealed.
#pragma once

#include "host/config/secrets.hpp"
#include "host/runtime/secret.hpp"

#include <talon/result.hpp>

#include <filesystem>
#include <string>

namespace talon::daemon {

/// The secret `installation_key` where it is configured (several hosts of one database need the same one),
/// else the file DATA/installation.key, which the first start makes with mode 0600.
/// @errors FailedPrecondition: the key is too short, or its file can be read by others.
Result<runtime::Secret> installation_key(const config::Secrets& secrets, const std::filesystem::path& data);

}  // namespace talon::daemon
