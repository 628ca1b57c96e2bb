/// Hands a letter to the mail server.
#pragma once

#include "host/config/settings.hpp"
#include "host/mail/letter.hpp"
#include "host/runtime/secret.hpp"

#include <talon/result.hpp>

#include <string>

namespace talon::mail {

/// Connects, asks for TLS where the settings do, signs in, sends, takes leave.
/// @errors Unavailable: no connection, no TLS, no sign-in, or the server wants to be asked again (4xx);
///         FailedPrecondition: the server refused this letter or its recipient for good (5xx). The message,
///         for the log, says where and by which code; the details are the server's words without the address.
Result<void> send(const config::MailSettings& settings, const runtime::Secret& password,
                  const std::string& to, const Letter& letter);

}  // namespace talon::mail
