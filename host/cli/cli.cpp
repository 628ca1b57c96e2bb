/// The command line's frame, and the commands that concern this machine: check, version, login.
#include "host/cli/cli.hpp"

#include "host/cli/checks.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/sign_in.hpp"

#include <talon/model.hpp>

#include <algorithm>
#include <memory>

namespace talon::cli {

namespace {

constexpr const char* kVersion = "0.1.0";

struct Credentials {
  std::string email;
  std::string password_file;
  std::string invitation_file;  ///< of a code to take up: the password is the new one
  std::string code_file;        ///< empty: the second factor is shown later, if there is one
};

/// What is still to be done before the session is good for more.
void tell_missing(Session& session, std::string_view missing) {
  if (missing == "code") session.err() << "show your second factor now: talon session prove --code-file F\n";
  if (missing == "enrolment") {
    session.err()
        << "your role needs a second factor; set one up now: talon second-factor begin, then confirm\n";
  }
}

int sign_in(Session& session, const Credentials& credentials) {
  const auto password = read_private_line(credentials.password_file);
  if (!password) return session.fail(password.error());
  Json body = Json::object({{"email", credentials.email}, {"password", *password}});
  if (!credentials.invitation_file.empty()) {
    const auto code = read_private_line(credentials.invitation_file);
    if (!code) return session.fail(code.error());
    body.set("code", *code);
  }
  if (!credentials.code_file.empty()) {
    const auto code = read_private_line(credentials.code_file);
    if (!code) return session.fail(code.error());
    body.set("second_factor", *code);
  }
  const std::string server = session.server_of("");
  Client client(server, "", session.options.ca_file);
  const auto answer = client.send({.method = "POST", .path = "/session", .body = std::move(body)});
  if (!answer && answer.error().code == Code::Unauthenticated) {
    session.err() << "talon: " << answer.error().message;
    if (!credentials.invitation_file.empty())
      session.err()
          << ", or the invitation's code is not good (any more): it works once, and a newer one ends "
             "it. Ask for a new one";
    session.err() << "\n";
    return kFailed;
  }
  if (!answer) return session.fail(answer.error());
  const auto json = Json::parse(answer->body);
  if (!json || (*json)["token"].string().empty()) return session.fail(internal("the server gave no token"));
  if (auto saved = write_sign_in(sign_in_path(), {server, std::string((*json)["token"].string())}); !saved) {
    return session.fail(saved.error());
  }
  session.err() << "signed in to " << server << " until " << (*json)["expires_at"].string() << "\n";
  tell_missing(session, (*json)["second_factor"].string());
  return kOk;
}

int sign_out(Session& session) {
  const auto ended = session.call({.method = "DELETE", .path = "/session"});
  std::error_code error;
  std::filesystem::remove(sign_in_path(), error);
  if (!ended && ended.error().code != Code::Unauthenticated) {
    session.err()
        << "the sign-in kept here is removed; the session at the server goes on until it ends by itself\n";
    return session.fail(ended.error());
  }
  session.err() << "signed out\n";
  return kOk;
}

}  // namespace

void add_local_commands(CLI::App& app, Session& session) {
  CLI::App* check =
      app.add_subcommand("check", "The whole installation: settings, manifests, policies, mappings");
  check->add_option("--config", session.options.config, "The settings file")->capture_default_str();
  check->callback([&] { session.action = [&] { return check_installation(session); }; });
  CLI::App* examine =
      app.add_subcommand("doctor", "The configuration, the data folder, the server and the sign-in");
  examine->add_option("--config", session.options.config, "The settings file")->capture_default_str();
  examine->callback([&] { session.action = [&] { return doctor(session); }; });
  app.add_subcommand("version", "The version of this program")->callback([&] {
    session.action = [&] {
      if (session.options.is_json) return session.show(Json::object({{"version", kVersion}}));
      session.out() << "talon " << kVersion << "\n";
      return static_cast<int>(kOk);
    };
  });
  CLI::App* login = app.add_subcommand("login", "Signs in and keeps the token in a file of mode 0600");
  const auto who = std::make_shared<Credentials>();
  login->add_option("--email", who->email, "Who")->required();
  login
      ->add_option("--password-file", who->password_file, "A file with the password, or - for standard input")
      ->required();
  login->add_option("--code-file", who->code_file, "A file with the second factor's code");
  login->add_option(
      "--invitation-code-file", who->invitation_file,
      "A file with an invitation's code: takes it up with the password, which is a new one then");
  login->callback([&, who] { session.action = [&, who] { return sign_in(session, *who); }; });
  app.add_subcommand("logout", "Ends the session")->callback([&] {
    session.action = [&] { return sign_out(session); };
  });
  app.add_subcommand("me", "Who is signed in")->callback([&] {
    session.action = [&] {
      const auto answer = session.call({.path = "/me"});
      if (!answer) return session.fail(answer.error());
      // Every action on every type is for programs; a person asks who they are.
      return session.show(!session.options.is_json && (*answer)["user"].is_object() ? (*answer)["user"]
                                                                                    : *answer);
    };
  });
}

namespace {

/// The names of `app`'s commands, or of its options with their dashes.
std::vector<std::string> words_of(const CLI::App& app, bool are_options) {
  std::vector<std::string> words;
  if (!are_options) {
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
      words.push_back(command->get_name());
    return words;
  }
  for (const CLI::App* at = &app; at != nullptr; at = at->get_parent()) {
    for (const CLI::Option* option : at->get_options()) {
      for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
    }
  }
  return words;
}

/// What nobody knows on the command line, and what it may have been meant for; empty: another kind of
/// mistake.
std::string unknown_word(const CLI::App& app) {
  const CLI::App* command = &app;
  std::string name = app.get_name();
  while (!command->get_subcommands().empty()) {
    command = command->get_subcommands().front();
    name += " " + command->get_name();
  }
  const std::vector<std::string> rest = app.remaining(true);
  const auto is_option = [](const std::string& word) { return word.size() > 1 && word.front() == '-'; };
  const bool is_group = !command->get_subcommands([](const CLI::App*) { return true; }).empty();
  const auto found = is_group ? rest.begin() : std::find_if(rest.begin(), rest.end(), is_option);
  if (found == rest.end()) return {};
  const std::string word = found->substr(0, found->find('='));
  const bool is_named = is_option(word);
  return "talon: \"" + name + "\" has no " + (is_named ? "option" : "command") + " \"" + word + "\"." +
         model::suggestion(word, words_of(*command, is_named)) + "\nAll of them: " + name + " --help\n";
}

}  // namespace

int run(std::vector<std::string> arguments, std::ostream& out, std::ostream& err) {
  CLI::App app("talon: the API from a terminal, and the checks that need no server", "talon");
  Session session(out, err);
  app.require_subcommand(1);
  app.fallthrough();
  app.set_version_flag("--version", "talon " + std::string(kVersion));
  app.add_option("--server", session.options.server, "Address of the server; else the saved sign-in's");
  app.add_option("--token-file", session.options.token_file, "A file with a token; else the saved sign-in");
  app.add_option("--ca-file", session.options.ca_file,
                 "An authority's certificate (PEM) that the system does not know");
  app.add_option("--as", session.options.as,
                 "Look with the eyes of this person (address or id); reading only");
  app.add_flag("--json", session.options.is_json, "Answers as JSON");
  add_local_commands(app, session);
  add_record_commands(app, session);
  add_people_commands(app, session);
  add_policy_commands(app, session);
  add_audit_commands(app, session);
  add_account_commands(app, session);
  add_plugin_commands(app, session);
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes them
  try {
    app.parse(arguments);
  } catch (const CLI::ParseError& error) {
    const std::string unknown = error.get_exit_code() == 0 ? std::string() : unknown_word(app);
    if (!unknown.empty()) {
      err << unknown;
      return kWrongUse;
    }
    return app.exit(error, out, err) == 0 ? kOk : kWrongUse;
  }
  return session.action ? session.action() : static_cast<int>(kWrongUse);
}

}  // namespace talon::cli
