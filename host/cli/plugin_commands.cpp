/// `talon plugin`, `talon report`, `talon sync`: plugins, their state and their commands.
#include "host/cli/checks.hpp"
#include "host/cli/commands.hpp"

#include <fstream>
#include <memory>

namespace talon::cli {

namespace {

/// Words of a command line as a command's arguments: NAME=VALUE by name, the rest in order under "args".
Json arguments_of(const Session& session, const std::vector<std::string>& words) {
  Json args = Json::object();
  Json positional = Json::array();
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals != std::string::npos && equals > 0) {
      args.set(word.substr(0, equals), word.substr(equals + 1));
    } else {
      positional.push(word);
    }
  }
  if (!positional.items().empty()) args.set("args", std::move(positional));
  if (session.options.is_json) args.set("json", true);
  return args;
}

int run_report(Session& session, const std::string& name, const std::vector<std::string>& params,
               const std::string& format, const std::string& file) {
  Request request{.path = "/reports/" + percent_encoded(name), .query = {{"format", format}}};
  for (const std::string& param : params) {
    const std::size_t equals = param.find('=');
    if (equals == std::string::npos) return session.fail(invalid("\"" + param + "\" is not NAME=VALUE"));
    request.query.emplace_back(param.substr(0, equals), param.substr(equals + 1));
  }
  session.asked = "report \"" + name + "\" (talon report list shows them)";
  auto client = session.connect();
  if (!client) return session.fail(client.error());
  std::ofstream written;
  if (!file.empty()) {
    written.open(file, std::ios::binary);
    if (!written) return session.fail(failed_precondition(file + " cannot be written"));
  }
  const auto answer = client->send(request, file.empty() ? &session.out() : &written);
  if (!answer) return session.fail(answer.error());
  if (file.empty() && format == "json") session.out() << "\n";
  return kOk;
}

void add_report(CLI::App& app, Session& session) {
  CLI::App* group = app.add_subcommand("report", "Reports, run as you");
  group->require_subcommand(1);
  group->fallthrough();
  group->add_subcommand("list", "The reports that you may run")->callback([&] {
    session.will_show({.path = "/reports"});
  });
  struct Arguments {
    std::string name;
    std::string format = "csv";
    std::string file;
    std::vector<std::string> params;
  };
  const auto args = std::make_shared<Arguments>();
  CLI::App* run = group->add_subcommand("run", "Runs a report");
  run->add_option("name", args->name, "Its name")->required();
  run->add_option("--param", args->params, "NAME=VALUE");
  run->add_option("--format", args->format, "csv or json")->check(CLI::IsMember({"csv", "json"}));
  run->add_option("--out", args->file, "A file instead of standard output");
  run->callback([&session, args] {
    session.action = [&session, args] {
      const std::string format = session.options.is_json ? "json" : args->format;
      return run_report(session, args->name, args->params, format, args->file);
    };
  });
}

void add_plugin(CLI::App& app, Session& session) {
  CLI::App* group = app.add_subcommand("plugin", "Plugins of the server");
  group->require_subcommand(1);
  group->fallthrough();
  group->add_subcommand("list", "All plugins and how they are")->callback([&] {
    session.will_show({.path = "/plugins"});
  });
  struct Arguments {
    std::string name;
    std::string command;
    std::vector<std::string> words;
    bool is_offline = false;
  };
  const auto args = std::make_shared<Arguments>();
  const auto add = [&](const char* name, const char* words) {
    CLI::App* command = group->add_subcommand(name, words);
    command->add_option("name", args->name, "The plugin")->required();
    return command;
  };
  const auto name_it = [&session, args] {
    session.asked = "plugin \"" + args->name + "\" (talon plugin list shows them)";
  };
  add("show", "One plugin")->callback([&session, args, name_it] {
    name_it();
    session.will_show({.path = "/plugins/" + percent_encoded(args->name)});
  });
  for (const auto& [verb, words] : std::initializer_list<std::pair<const char*, const char*>>{
           {"start", "Starts one that was stopped or has failed"},
           {"stop",
            "Its records stay and cannot be reached; the one that decides what everybody may do (`access`) "
            "is "
            "not stopped: nobody could start it again"},
           {"restart", "Stops and starts it: settings and documents are read anew"},
           {"reload", "The same as restart"}}) {
    add(verb, words)->callback([&session, args, name_it, verb = verb] {
      name_it();
      // A reload is a restart: the same library, settings and documents read anew.
      const std::string action = std::string(verb) == "reload" ? "restart" : verb;
      session.will_show({.method = "POST",
                         .path = "/plugins/" + percent_encoded(args->name) + "/" + action,
                         .body = Json::object()});
    });
  }
  CLI::App* run = add("run", "Runs one of its commands");
  run->add_option("command", args->command, "The command")->required();
  run->add_option("words", args->words, "Its arguments: NAME=VALUE, or values in order");
  run->add_flag("--offline", args->is_offline, "In this process, without a server");
  run->add_option("--config", session.options.config, "The settings file, with --offline");
  run->callback([&session, args] {
    session.action = [&session, args] {
      const Json given = arguments_of(session, args->words);
      if (args->is_offline) return run_offline(session, args->name, args->command, given);
      return session.run_plugin_command(args->name, args->command, given);
    };
  });
}

void add_sync(CLI::App& app, Session& session) {
  CLI::App* group = app.add_subcommand("sync", "Connectors to other systems");
  group->require_subcommand(1);
  group->fallthrough();
  const auto words = std::make_shared<std::vector<std::string>>();
  struct Verb {
    const char* name;
    const char* help;
    const char* words;
  };
  for (const auto& [name, help, takes] :
       {Verb{"list", "Connectors and their streams", "None"},
        Verb{"status", "Progress and lag", "CONNECTOR, or none for all"},
        Verb{"rejects", "Records set aside, with the reason", "CONNECTOR [STREAM], or none for all"},
        Verb{"plan", "What a run would do; writes nothing", "CONNECTOR [STREAM]"},
        Verb{"apply", "Carries out a plan, or refuses where the source changed",
             "CONNECTOR PLAN, as plan told it"},
        Verb{"run", "Runs now", "CONNECTOR [STREAM]"},
        Verb{"retry", "Tries rejects again, after the source or the mapping was put right",
             "CONNECTOR [STREAM]"},
        Verb{"reset", "Forgets progress: everything is read again", "CONNECTOR [STREAM]"},
        Verb{"push", "Sends what waits", "None"}}) {
    CLI::App* command = group->add_subcommand(name, help);
    command->add_option("words", *words, takes);
    command->callback([&session, words, name = std::string(name)] {
      session.action = [&session, words, name] {
        return session.run_plugin_command("sync", name, arguments_of(session, *words));
      };
    });
  }
  CLI::App* check = group->add_subcommand("check", "The mappings, without a server");
  check->add_option("--config", session.options.config, "The settings file")->capture_default_str();
  check->callback([&] { session.action = [&] { return check_plugin_documents(session, "sync"); }; });
}

}  // namespace

void add_plugin_commands(CLI::App& app, Session& session) {
  add_plugin(app, session);
  add_report(app, session);
  add_sync(app, session);
}

}  // namespace talon::cli
