/// `talon session`, `talon token`, `talon second-factor`: how people are signed in, and with what.
#include "host/cli/commands.hpp"
#include "host/cli/sign_in.hpp"

#include <memory>

namespace talon::cli {

namespace {

struct AccountArguments {
  std::string id;
  std::string user;
  std::string name;
  std::string expires;
  std::string file;
  std::vector<std::string> roles;
  int overlap_hours = 24;
};

/// A request without an answer worth showing.
int done(Session& session, const Request& request, const char* words) {
  const auto answer = session.call(request);
  if (!answer) return session.fail(answer.error());
  session.err() << words << "\n";
  return kOk;
}

/// The rows of a type that somebody has: one's own, or another's where the rules show them.
Request list_of(const char* path, const char* fields, const std::string& user) {
  Request request{.path = path, .query = {{"order", "-created_at"}, {"limit", "500"}, {"fields", fields}}};
  if (!user.empty()) request.query.emplace_back("where", "user is " + user);
  return request;
}

/// Sends what a private file holds as {"MEMBER": LINE}.
int send_line(Session& session, const std::string& path, const char* member, const std::string& file,
              const char* words = nullptr) {
  const auto line = read_private_line(file);
  if (!line) return session.fail(line.error());
  if (words != nullptr)
    return done(session, {.method = "POST", .path = path, .body = Json::object({{member, *line}})}, words);
  return session.show_answer({.method = "POST", .path = path, .body = Json::object({{member, *line}})});
}

void add_session(CLI::App& app, Session& session) {
  CLI::App* group = app.add_subcommand("session", "Who is signed in, and where");
  group->require_subcommand(1);
  group->fallthrough();
  const auto args = std::make_shared<AccountArguments>();
  CLI::App* list = group->add_subcommand("list", "Your sessions; others' where you may see them");
  list->add_option("--user", args->user, "Of this user (usr_… or an address)");
  list->callback([&session, args] {
    session.action = [&session, args] {
      static constexpr const char* kFields =
          "id,user,created_at,last_seen_at,expires_at,ended_at,address,agent,second_factor_at";
      const auto user = session.user_id(args->user);
      return user ? session.show_answer(list_of("/sessions", kFields, *user)) : session.fail(user.error());
    };
  });
  CLI::App* end = group->add_subcommand("end", "Ends a session at once");
  end->add_option("id", args->id, "The session (ses_…)")->required();
  end->callback([&session, args] {
    session.action = [&session, args] {
      session.asked = "session \"" + args->id + "\" (talon session list shows them)";
      return session.show_answer({.method = "POST",
                                  .path = "/sessions/" + percent_encoded(args->id) + "/end",
                                  .body = Json::object()});
    };
  });
  CLI::App* prove = group->add_subcommand("prove", "Proves once more who you are, before a sensitive act");
  CLI::Option* code =
      prove->add_option("--code-file", args->file, "A file with the second factor's code, or -");
  prove
      ->add_option("--password-file", args->name, "A file with the password, where there is no second factor")
      ->excludes(code);
  prove->callback([&session, args] {
    session.action = [&session, args] {
      const bool is_code = !args->file.empty();
      if (!is_code && args->name.empty()) {
        session.err() << "talon: say with what: --code-file F where you have a second factor, else "
                         "--password-file F\n";
        return static_cast<int>(kWrongUse);
      }
      return send_line(session, "/session/proof", is_code ? "code" : "password",
                       is_code ? args->file : args->name, "proved");
    };
  });
}

int issue_token(Session& session, const AccountArguments& args) {
  Json body = Json::object({{"name", args.name}});
  Json roles = Json::array();
  for (const std::string& role : args.roles) roles.push(role);
  if (!args.roles.empty()) body.set("roles", std::move(roles));
  // A day is in it to its end.
  const bool is_day = args.expires.size() == 10;
  if (!args.expires.empty()) body.set("expires_at", args.expires + (is_day ? "T23:59:59Z" : ""));
  if (!args.user.empty()) {
    const auto user = session.user_id(args.user);
    if (!user) return session.fail(user.error());
    body.set("user", *user);
  }
  return session.show_answer({.method = "POST", .path = "/me/tokens", .body = std::move(body)});
}

void add_token(CLI::App& app, Session& session) {
  CLI::App* group = app.add_subcommand("token", "API tokens: for programs that act in your name");
  group->require_subcommand(1);
  group->fallthrough();
  const auto args = std::make_shared<AccountArguments>();
  CLI::App* list = group->add_subcommand("list", "Your tokens, and when each was last used");
  list->add_option("--user", args->user, "Of this user (usr_… or an address)");
  list->callback([&session, args] {
    session.action = [&session, args] {
      static constexpr const char* kFields =
          "id,user,name,roles,created_at,expires_at,last_used_at,revoked_at,replaced_by";
      const auto user = session.user_id(args->user);
      return user ? session.show_answer(list_of("/tokens", kFields, *user)) : session.fail(user.error());
    };
  });
  CLI::App* issue = group->add_subcommand("issue", "A new token; its text is shown this once");
  issue->add_option("name", args->name, "What it is for")->required();
  issue->add_option("--role", args->roles, "Narrower than your own rights");
  issue->add_option("--expires", args->expires, "A day, or a moment as in 2027-01-01T00:00:00Z");
  issue->add_option("--user", args->user, "For this user (usr_… or an address), whom you may edit");
  issue->callback(
      [&session, args] { session.action = [&session, args] { return issue_token(session, *args); }; });
  CLI::App* rotate = group->add_subcommand("rotate", "A new token in place of one; both hold for a while");
  rotate->add_option("id", args->id, "The token (tok_…)")->required();
  rotate->add_option("--overlap-hours", args->overlap_hours, "How long the old one still holds")
      ->check(CLI::Range(0, 720))
      ->capture_default_str();
  rotate->callback([&session, args] {
    session.action = [&session, args] {
      session.asked = "token \"" + args->id + "\" (talon token list shows them)";
      return session.show_answer({.method = "POST",
                                  .path = "/me/tokens/" + percent_encoded(args->id) + "/rotate",
                                  .body = Json::object({{"overlap_hours", args->overlap_hours}})});
    };
  });
  CLI::App* revoke = group->add_subcommand("revoke", "Ends a token at once");
  revoke->add_option("id", args->id, "The token (tok_…)")->required();
  revoke->callback([&session, args] {
    session.action = [&session, args] {
      session.asked = "token \"" + args->id + "\" (talon token list shows them)";
      return done(session,
                  {.method = "POST",
                   .path = "/tokens/" + percent_encoded(args->id) + "/revoke",
                   .body = Json::object()},
                  "revoked");
    };
  });
}

void add_second_factor(CLI::App& app, Session& session) {
  CLI::App* group = app.add_subcommand("second-factor", "One-time codes beside your password");
  group->require_subcommand(1);
  group->fallthrough();
  const auto args = std::make_shared<AccountArguments>();
  group->add_subcommand("begin", "A secret for your app (and its otpauth address, for a QR code)")
      ->callback([&session] {
        session.action = [&session] {
          return session.show_answer({.method = "POST", .path = "/me/second_factor", .body = Json::object()});
        };
      });
  CLI::App* confirm =
      group->add_subcommand("confirm", "The app's first code; shows the recovery codes this once");
  confirm->add_option("--code-file", args->file, "A file with the code, or - for standard input")->required();
  confirm->callback([&session, args] {
    session.action = [&session, args] {
      return send_line(session, "/me/second_factor/confirm", "code", args->file);
    };
  });
  group->add_subcommand("recovery-codes", "New recovery codes in place of the old")->callback([&session] {
    session.action = [&session] {
      return session.show_answer(
          {.method = "POST", .path = "/me/second_factor/recovery_codes", .body = Json::object()});
    };
  });
}

}  // namespace

void add_account_commands(CLI::App& app, Session& session) {
  add_session(app, session);
  add_token(app, session);
  add_second_factor(app, session);
}

}  // namespace talon::cli
