/// `talon user`: people and how they sign in.
#include "host/cli/checks.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/sign_in.hpp"

#include <memory>

namespace talon::cli {

namespace {

Json list_of(const std::vector<std::string>& words) {
  Json list = Json::array();
  for (const std::string& word : words) list.push(word);
  return list;
}

/// {"FACT": [VALUE…]} of FACT=VALUE texts.
Result<Json> facts_of(const std::vector<std::string>& words) {
  Json facts = Json::object();
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0) return invalid("\"" + word + "\" is not FACT=VALUE");
    const std::string name = word.substr(0, equals);
    Json values = facts[name].is_array() ? facts[name] : Json::array();
    values.push(word.substr(equals + 1));
    facts.set(name, std::move(values));
  }
  return facts;
}

struct Person {
  std::string id;
  std::string email;
  std::string name;
  std::string language = "en";
  std::string password_file;
  std::string why;
  std::vector<std::string> roles;
  std::vector<std::string> facts;
};

int invite(Session& session, const Person& person) {
  const auto facts = facts_of(person.facts);
  if (!facts) return session.fail(facts.error());
  const int exit = session.run_plugin_command("access", "invite",
                                              Json::object({{"email", person.email},
                                                            {"name", person.name},
                                                            {"language", person.language},
                                                            {"roles", list_of(person.roles)},
                                                            {"facts", *facts}}));
  if (exit == kOk && facts->members().empty()) {
    session.err()
        << "Without a --fact they belong to no party: people of a client, supplier or partner see next to "
           "nothing then\n";
  }
  if (exit == kOk) {
    session.err() << "A code (where no letter goes out) is taken up with: talon login --email "
                  << person.email << " --invitation-code-file F --password-file NEW\n";
  }
  return exit;
}

/// Asks something of one person, named by id or address.
int ask_of(Session& session, const std::string& user, const char* method, const std::string& what) {
  const auto id = session.user_id(user);
  if (!id) return session.fail(id.error());
  Request request{.method = method, .path = "/users/" + percent_encoded(*id) + what};
  if (request.method != "GET") request.body = Json::object();
  const auto answer = session.call(request);
  if (answer) return session.show(*answer);
  if (answer.error().code != Code::NotFound) return session.fail(answer.error());
  return session.fail(not_found("there is no user " + user + ", or not for you to see"));
}

/// First out, then forgotten: the erasure finds what the removal wrote, too.
int remove_user(Session& session, const Person& person) {
  const auto id = session.user_id(person.id);
  if (!id) return session.fail(id.error());
  if (const int code = ask_of(session, *id, "POST", "/remove"); code != kOk) return code;
  session.err() << "Removed. What the audit log has of them:\n";
  return session.run_plugin_command("audit", "erase",
                                    Json::object({{"subject", "user/" + *id}, {"why", person.why}}));
}

void add_user(CLI::App& app, Session& session) {
  CLI::App* group = app.add_subcommand("user", "People");
  group->require_subcommand(1);
  group->fallthrough();
  const auto person = std::make_shared<Person>();
  group->add_subcommand("list", "All that you may see")->callback([&] {
    session.will_show(
        {.path = "/users", .query = {{"fields", "id,name,email,state,language"}, {"limit", "500"}}});
  });
  const auto add = [&](const char* name, const char* words) {
    CLI::App* command = group->add_subcommand(name, words);
    command->add_option("user", person->id, "usr_… or an e-mail address")->required();
    return command;
  };
  const auto ask = [&](const char* name, const char* words, const char* method, const std::string& what) {
    add(name, words)->callback([&session, person, method, what] {
      session.action = [&session, person, method, what] { return ask_of(session, person->id, method, what); };
    });
  };
  ask("show", "One person", "GET", "");
  ask("end-sessions", "Signs them out everywhere, and ends their API tokens", "POST", "/end_sessions");
  ask("send-link", "A letter with a link: the invitation again, or to a new password", "POST", "/send_link");
  ask("enable", "They may sign in again; what was open before stays over", "POST", "/enable");
  ask("disable", "Out at once: their sessions and API tokens end", "POST", "/disable");
  CLI::App* remove = add("remove", "Out for ever, and nothing tells any more who they were; the id stays");
  remove->add_option("--why", person->why, "For the audit log: the person's own wish, as a rule")->required();
  remove->callback(
      [&session, person] { session.action = [&session, person] { return remove_user(session, *person); }; });
  CLI::App* reset = add("reset", "Sets a new password for somebody who lost theirs");
  reset->add_option("--password-file", person->password_file, "A file with it, or -")->required();
  reset->callback([&session, person] {
    session.action = [&session, person] {
      const auto password = read_private_line(person->password_file);
      if (!password) return session.fail(password.error());
      return session.run_plugin_command("access", "reset_password",
                                        Json::object({{"user", person->id}, {"password", *password}}));
    };
  });
  CLI::App* invitation =
      group->add_subcommand("invite", "Makes an account; a letter, or a code, to take it up with");
  invitation->add_option("email", person->email, "Their address")->required();
  invitation->add_option("--name", person->name, "Their name")->required();
  invitation->add_option("--role", person->roles, "A role")->required();
  invitation->add_option("--fact", person->facts, "FACT=VALUE, as in client=C-1001 or client=pty_…");
  invitation->add_option("--language", person->language, "en or fr")->check(CLI::IsMember({"en", "fr"}));
  invitation->callback(
      [&session, person] { session.action = [&session, person] { return invite(session, *person); }; });
}

}  // namespace

void add_people_commands(CLI::App& app, Session& session) { add_user(app, session); }

}  // namespace talon::cli
