/// SMTP over Poco::Net.
#include "host/mail/smtp.hpp"

#include "host/runtime/log.hpp"

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/MailMessage.h>
#include <Poco/Net/MailRecipient.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SMTPClientSession.h>
#include <Poco/Net/SecureSMTPClientSession.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Timespan.h>

#include <memory>

namespace talon::mail {

namespace {

using Security = config::MailSettings::Security;

constexpr long kTimeoutSeconds = 20;

/// Strict, with the name checked too.
Poco::Net::Context::Ptr make_context(const std::string& authority) {
  Poco::Net::Context::Ptr context = new Poco::Net::Context(Poco::Net::Context::TLS_CLIENT_USE, authority,
                                                           Poco::Net::Context::VERIFY_STRICT, 9, true);
  context->enableExtendedCertificateVerification(true);
  return context;
}

std::unique_ptr<Poco::Net::SMTPClientSession> open_session(const config::MailSettings& settings) {
  const auto port = static_cast<Poco::UInt16>(settings.port);
  std::unique_ptr<Poco::Net::SMTPClientSession> session;
  if (settings.security == Security::Tls) {
    Poco::Net::SecureStreamSocket socket(make_context(settings.authority.string()));
    socket.setPeerHostName(settings.server);
    socket.connect(Poco::Net::SocketAddress(settings.server, port), Poco::Timespan(kTimeoutSeconds, 0));
    session = std::make_unique<Poco::Net::SMTPClientSession>(socket);
    session->setTimeout(Poco::Timespan(kTimeoutSeconds, 0));
    session->login();
    return session;
  }
  auto plain = std::make_unique<Poco::Net::SecureSMTPClientSession>(settings.server, port);
  plain->setTimeout(Poco::Timespan(kTimeoutSeconds, 0));
  plain->login();
  // A server that offers no STARTTLS, or somebody between who takes the offer out, ends here: nothing was
  // sent yet.
  if (settings.security == Security::StartTls &&
      !plain->startTLS(make_context(settings.authority.string()))) {
    throw Poco::Net::SMTPException("the mail server offers no STARTTLS");
  }
  return plain;
}

/// Where a try ended: only what was said to this letter decides over it.
enum class Phase { Connection, SignIn, Letter };

/// Poco tells the sender's refusal, which all letters share, from the recipient's and the letter's by its
/// words.
bool is_about_letter(const Poco::Net::SMTPException& error) {
  const std::string& words = error.message();
  for (const char* beginning : {"Recipient rejected", "Cannot send message data", "The server rejected"}) {
    if (words.starts_with(beginning)) return true;
  }
  return false;
}

/// The server's words without whom the letter is for.
std::string without(std::string words, const std::string& address) {
  for (std::size_t at = words.find(address); at != std::string::npos; at = words.find(address, at))
    words.replace(at, address.size(), "(address)");
  return words;
}

Error refused(const Poco::Net::SMTPException& error, Phase phase, const std::string& to) {
  constexpr int kAuthentication = 53;  // RFC 4954: 530, 534, 535, 538
  const int code = error.code();
  const bool is_final =
      phase == Phase::Letter && code >= 500 && code / 10 != kAuthentication && is_about_letter(error);
  const char* what = phase == Phase::Connection ? "connection"
                     : phase == Phase::SignIn   ? "sign-in"
                                                : "letter";
  return {is_final ? Code::FailedPrecondition : Code::Unavailable,
          std::string("the mail server refused the ") + what + " (" + std::to_string(code) + ")",
          without(error.displayText(), to)};
}

/// The letter is taken, however the farewell goes.
void take_leave(Poco::Net::SMTPClientSession& session) {
  try {
    session.close();
  } catch (const Poco::Exception& error) {
    runtime::log().info("mail.no_farewell", {{"reason", error.displayText()}});
  }
}

}  // namespace

Result<void> send(const config::MailSettings& settings, const runtime::Secret& password,
                  const std::string& to, const Letter& letter) {
  Phase phase = Phase::Connection;
  try {
    Poco::Net::MailMessage message;
    message.setSender(settings.from);
    message.addRecipient(Poco::Net::MailRecipient(Poco::Net::MailRecipient::PRIMARY_RECIPIENT, to));
    message.setSubject(Poco::Net::MailMessage::encodeWord(letter.subject, "UTF-8"));
    message.set("Auto-Submitted", "auto-generated");
    message.setContentType("text/plain; charset=utf-8");
    message.setContent(letter.text, Poco::Net::MailMessage::ENCODING_QUOTED_PRINTABLE);
    const auto session = open_session(settings);
    phase = Phase::SignIn;
    if (!settings.user.empty()) {
      session->login(Poco::Net::SMTPClientSession::AUTH_PLAIN, settings.user, password.reveal());
    }
    phase = Phase::Letter;
    session->sendMessage(message);
    take_leave(*session);
    return {};
  } catch (const Poco::Net::SMTPException& error) {
    return refused(error, phase, to);
  } catch (const Poco::Exception& error) {
    return unavailable("the mail server " + settings.server + ": " + error.displayText());
  }
}

}  // namespace talon::mail
