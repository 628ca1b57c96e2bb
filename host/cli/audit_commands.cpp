/// `talon audit`: what people did and saw, and the proof that nothing of it was altered.
#include "host/cli/checks.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/values.hpp"

#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>

namespace talon::cli {

namespace {

struct AuditArguments {
  std::string file;
  std::string key;
  std::string checkpoints;
  std::string record;
  std::string user;
  std::string type;
  std::string kind;
  std::string action;
  std::string field;
  std::string from;
  std::string to;
  std::string format;
  std::string where;
  std::string why;
  int64_t place = 0;
  int64_t place_to = 0;
  int limit = 50;

  Json filter() const {
    return Json::object({{"record", record},
                         {"user", user},
                         {"type", type},
                         {"kind", kind},
                         {"action", action},
                         {"field", field},
                         {"from", from},
                         {"to", to},
                         {"format", format}});
  }
};
using Shared = std::shared_ptr<AuditArguments>;

void add_period(CLI::App& command, const Shared& args) {
  command.add_option("--from", args->from, "From this day or moment on (2026-11-21, 2026-11-21T10:00:00Z)");
  command.add_option("--to", args->to, "Up to this day or moment, itself included");
}

void add_filter(CLI::App& command, const Shared& args) {
  add_period(command, args);
  command.add_option("--user", args->user,
                     "What they did, or was done on their behalf: usr_…, an address, plugin:NAME");
  command.add_option("--record", args->record, "About this one: TYPE/ID");
  command.add_option("--type", args->type, "About this record type");
  command.add_option("--kind", args->kind, "change, read, access or system");
  command.add_option("--action", args->action, "create, edit, view, invoice.issue…");
}

void add_format(CLI::App& command, const Shared& args) {
  command.add_option("--format", args->format, "jsonl or csv")->check(CLI::IsMember({"jsonl", "csv"}));
}

/// Of rows that a person reads at the terminal.
void add_format_for_people(CLI::App& command, const Shared& args) {
  command.add_option("--format", args->format, "table, jsonl or csv; a table unless told")
      ->check(CLI::IsMember({"table", "jsonl", "csv"}));
}

/// What the command names, for an answer that there is none.
void name_asked(Session& session, const AuditArguments& args) {
  if (!args.user.empty()) session.asked = "user \"" + args.user + "\", and the log names none";
}

/// Passes a command's rows on as they come.
void stream(CLI::App& command, Session& session, const Shared& args, const std::string& name) {
  command.callback([&session, args, name] {
    session.action = [&session, args, name] {
      name_asked(session, *args);
      return session.stream_plugin_command("audit", name, args->filter());
    };
  });
}

/// The same, as a table of these columns unless another form is asked for.
void tabulate(CLI::App& command, Session& session, const Shared& args, const std::string& name,
              const std::vector<std::string>& columns) {
  command.callback([&session, args, name, columns] {
    session.action = [&session, args, name, columns] {
      name_asked(session, *args);
      const bool is_for_people =
          args->format == "table" || (args->format.empty() && !session.options.is_json);
      if (!is_for_people) return session.stream_plugin_command("audit", name, args->filter());
      args->format = "jsonl";
      return session.tabulate_plugin_command("audit", name, args->filter(), columns);
    };
  });
}

/// What of an entry a terminal has room for.
Json short_entry(const Json& entry) {
  Json row = Json::object();
  for (const char* name :
       {"id", "at", "kind", "principal", "on_behalf_of", "channel", "type", "record", "action", "reason"}) {
    row.set(name, entry[name]);
  }
  return row;
}

/// A misspelt type reads like one that nobody touched.
void tell_unknown_type(Session& session, Client& client, const std::string& type) {
  const auto answer = client.send({.path = "/openapi.json"});
  const auto openapi = answer ? Json::parse(answer->body) : Result<Json>(answer.error());
  if (!openapi) return;
  if (const auto route = find_route(*openapi, type); !route) session.err() << route.error().message << "\n";
}

int show_log(Session& session, const AuditArguments& args) {
  name_asked(session, args);
  auto client = session.connect();
  if (!client) return session.fail(client.error());
  Json body = args.filter();
  body.set("where", args.where).set("limit", args.limit);
  std::ostringstream lines;
  const auto answer = client->send(
      {.method = "POST", .path = "/plugins/audit/commands/log", .body = std::move(body)}, &lines);
  if (!answer) return session.fail(answer.error());
  if (session.options.is_json) {
    session.out() << lines.str();
    return kOk;
  }
  Json rows = Json::array();
  std::istringstream in(lines.str());
  for (std::string line; std::getline(in, line);) {
    if (const auto entry = Json::parse(line)) rows.push(short_entry(*entry));
  }
  if (rows.items().empty() && !args.type.empty()) tell_unknown_type(session, *client, args.type);
  return session.show(Json::object({{"items", std::move(rows)}}));
}

void add_log(CLI::App& group, Session& session) {
  const auto args = std::make_shared<AuditArguments>();
  CLI::App* log =
      group.add_subcommand("log", "Entries of the log, the newest first; all of each with --json");
  add_filter(*log, args);
  log->add_option("--where", args->where, "A condition: kind is change and type is invoice");
  log->add_option("--limit", args->limit, "How many")->check(CLI::Range(1, 500));
  log->callback([&session, args] { session.action = [&session, args] { return show_log(session, *args); }; });
}

void add_log_questions(CLI::App& group, Session& session) {
  auto args = std::make_shared<AuditArguments>();
  CLI::App* who = group.add_subcommand("who-saw", "Who saw a record, when and by which path");
  who->add_option("record", args->record, "TYPE/ID")->required();
  add_period(*who, args);
  add_format_for_people(*who, args);
  tabulate(*who, session, args, "who_saw",
           {"user", "name", "type", "channel", "action", "first", "last", "reads"});
  args = std::make_shared<AuditArguments>();
  CLI::App* seen = group.add_subcommand("seen-by", "What a user saw");
  seen->add_option("user", args->user, "usr_…, an e-mail address, or plugin:NAME")->required();
  seen->add_option("--type", args->type, "Records of this type alone");
  add_period(*seen, args);
  add_format_for_people(*seen, args);
  tabulate(*seen, session, args, "seen_by",
           {"record", "type", "channel", "action", "first", "last", "reads"});
  args = std::make_shared<AuditArguments>();
  CLI::App* report = group.add_subcommand("report", "Each changed value: by period, user, record, field");
  add_filter(*report, args);
  report->add_option("--field", args->field, "This field alone");
  add_format(*report, args);
  stream(*report, session, args, "report");
  args = std::make_shared<AuditArguments>();
  CLI::App* all =
      group.add_subcommand("export", "The sealed log; unfiltered as JSON lines it verifies anywhere");
  add_filter(*all, args);
  add_format(*all, args);
  stream(*all, session, args, "export");
}

/// The last checkpoints of a file: what the server is to be held against.
Result<std::string> last_copies(const std::string& path) {
  constexpr std::size_t kBytesMax = 512 << 10;  // of a request's body of 1 MiB
  if (path.empty()) return std::string();
  std::ifstream file(path);
  if (!file) return not_found("cannot open " + path);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (text.size() > kBytesMax) text.erase(0, text.find('\n', text.size() - kBytesMax) + 1);
  return text;
}

void add_proofs(CLI::App& group, Session& session) {
  auto args = std::make_shared<AuditArguments>();
  CLI::App* verify = group.add_subcommand("verify", "Proves that nothing was altered or cut out");
  verify->add_option("file", args->file, "An exported log: checked here, without a server");
  verify->add_option("--key", args->key, "The public key or its file, with a file");
  verify->add_option("--checkpoints", args->checkpoints, "Checkpoints that were kept elsewhere");
  verify->add_option("--config", session.options.config, "The settings file, with a file");
  verify->callback([&session, args] {
    session.action = [&session, args] {
      const auto copies = last_copies(args->checkpoints);
      if (!copies) return session.fail(copies.error());
      const Json with = Json::object({{"checkpoints", *copies}});
      if (args->file.empty()) return session.run_plugin_command("audit", "verify", with);
      return run_offline(session, "audit", "verify",
                         Json::object({{"file", args->file}, {"key", args->key}, {"checkpoints", *copies}}));
    };
  });
  args = std::make_shared<AuditArguments>();
  CLI::App* prove = group.add_subcommand("prove", "A proof of one entry, to be verified without the log");
  prove->add_option("entry", args->record, "aud_…")->required();
  prove->callback([&session, args] {
    session.action = [&session, args] {
      session.asked = "entry \"" + args->record + "\" (talon audit log shows them)";
      return session.stream_plugin_command("audit", "prove", Json::object({{"entry", args->record}}));
    };
  });
  args = std::make_shared<AuditArguments>();
  CLI::App* grown = group.add_subcommand("consistency", "A proof that the log only grew between checkpoints");
  grown->add_option("from", args->place, "The place (seq) of the first checkpoint")->required();
  grown->add_option("to", args->place_to, "The place of the second checkpoint; the newest unless told");
  grown->callback([&session, args] {
    session.action = [&session, args] {
      session.asked = "checkpoint at this place (talon record list audit_checkpoint shows them: their seq)";
      return session.stream_plugin_command("audit", "consistency",
                                           Json::object({{"from", args->place}, {"to", args->place_to}}));
    };
  });
  args = std::make_shared<AuditArguments>();
  CLI::App* check = group.add_subcommand("verify-proof", "Checks a proof; no server, no log");
  check->add_option("file", args->file, "What `prove` or `consistency` wrote")->required();
  check->add_option("--key", args->key, "The public key or its file")->required();
  check->add_option("--config", session.options.config, "The settings file");
  check->callback([&session, args] {
    session.action = [&session, args] {
      return run_offline(session, "audit", "verify_proof",
                         Json::object({{"file", args->file}, {"key", args->key}}));
    };
  });
}

void add_key(CLI::App& group, Session& session) {
  CLI::App* key =
      group.add_subcommand("key", "The public key that checkpoints are signed with: --key, elsewhere");
  key->callback([&session] {
    session.action = [&session] { return session.stream_plugin_command("audit", "key", Json::object()); };
  });
}

void add_erasure(CLI::App& group, Session& session) {
  const auto args = std::make_shared<AuditArguments>();
  CLI::App* erase =
      group.add_subcommand("erase", "Erases the personal values that the log keeps of somebody");
  erase->add_option("--subject", args->record, "Their record: TYPE/ID")->required();
  erase->add_option("--why", args->why, "The request that it follows")->required();
  erase->callback([&session, args] {
    session.action = [&session, args] {
      return session.run_plugin_command("audit", "erase",
                                        Json::object({{"subject", args->record}, {"why", args->why}}));
    };
  });
}

}  // namespace

void add_audit_commands(CLI::App& app, Session& session) {
  CLI::App* group = app.add_subcommand("audit", "Who did and read what");
  group->require_subcommand(1);
  group->fallthrough();
  add_log(*group, session);
  add_log_questions(*group, session);
  add_proofs(*group, session);
  add_key(*group, session);
  add_erasure(*group, session);
}

}  // namespace talon::cli
