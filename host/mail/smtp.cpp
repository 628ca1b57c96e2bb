/// SMTP over Poco::Net.
#include "host/mail/smtp.hpp"

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

}  // namespace

Result<void> send(const config::MailSettings& settings, const runtime::Secret& password,
                  const std::string& to, const Letter& letter) {
  try {
    Poco::Net::MailMessage message;
    message.setSender(settings.from);
    message.addRecipient(Poco::Net::MailRecipient(Poco::Net::MailRecipient::PRIMARY_RECIPIENT, to));
    message.setSubject(Poco::Net::MailMessage::encodeWord(letter.subject, "UTF-8"));
    message.set("Auto-Submitted", "auto-generated");
    message.setContentType("text/plain; charset=utf-8");
    message.setContent(letter.text, Poco::Net::MailMessage::ENCODING_QUOTED_PRINTABLE);
    const auto session = open_session(settings);
    if (!settings.user.empty()) {
      session->login(Poco::Net::SMTPClientSession::AUTH_PLAIN, settings.user, password.reveal());
    }
    session->sendMessage(message);
    session->close();
    return {};
  } catch (const Poco::Net::SMTPException& error) {
    const bool is_final = error.code() >= 500;
    return Error{is_final ? Code::FailedPrecondition : Code::Unavailable,
                 "the mail server: " + error.displayText()};
  } catch (const Poco::Exception& error) {
    return unavailable("the mail server " + settings.server + ": " + error.displayText());
  }
}

}  // namespace talon::mail
