/// `talon policy`: who may do what, why, and what a change of the rules would mean.
#include "host/cli/checks.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/policies.hpp"
#include "host/cli/review.hpp"

#include <memory>

namespace talon::cli {

namespace {

void add_files(CLI::App& group, Session& session) {
  const auto places = std::make_shared<std::vector<std::string>>();
  const auto add = [&](const char* name, const char* words) {
    CLI::App* command = group.add_subcommand(name, words);
    command->add_option("files", *places, "Folders or files, in place of the installation's");
    command->add_option("--config", session.options.config, "The settings file")->capture_default_str();
    return command;
  };
  add("check", "The rules and their tests, without a server")->callback([&session, places] {
    session.action = [&session, places] {
      return places->empty() ? check_plugin_documents(session, "access") : test_policies(session, *places);
    };
  });
  const auto table = std::make_shared<RightsTable>();
  CLI::App* pages = add("table", "What each role may do, a page a role, as Markdown");
  pages->add_option("--role", table->role, "Of one role alone");
  pages->add_option("--out", table->directory,
                    "Write the pages into this folder, as in config/policies/rights");
  pages->callback([&session, places, table] {
    session.action = [&session, places, table] { return show_rights(session, *places, *table); };
  });
  add("test", "The rules' own tests, without a server; says how many passed")->callback([&session, places] {
    session.action = [&session, places] { return test_policies(session, *places); };
  });
}

void add_diff(CLI::App& group, Session& session) {
  const auto diff = std::make_shared<PolicyDiff>();
  CLI::App* command = group.add_subcommand(
      "diff", "Who gains and who loses what by other rules, on how many records; without a server by role");
  command->add_option("old", diff->before, "A folder of policies, or \"current\": those in force")
      ->required();
  command->add_option("new", diff->after, "As old")->required();
  command->add_option("--users", diff->users, "all, or addresses or ids separated by commas")
      ->capture_default_str();
  command->add_flag("--offline", diff->is_offline, "By role, from the files alone");
  command->add_option("--config", session.options.config, "The settings file")->capture_default_str();
  command->callback(
      [&session, diff] { session.action = [&session, diff] { return diff_policies(session, *diff); }; });
}

void add_review(CLI::App& group, Session& session) {
  const auto review = std::make_shared<PolicyReview>();
  CLI::App* command = group.add_subcommand(
      "review", "Every grant: where it comes from, when it was last used, what is risky, what to do");
  command->add_option("--unused-for", review->unused_for, "What was not used for so long is told")
      ->capture_default_str();
  command->add_option("--user", review->users, "An address or id; again for more. None: everybody");
  command->add_flag("--csv", review->is_csv, "As CSV");
  command->add_flag("--decisions", review->is_template, "As a file of decisions, with what is proposed");
  command->add_option("--apply", review->decisions,
                      "A file of decisions: prints the patch and the calls that carry them out");
  command->add_option("--policies", review->policies,
                      "With --apply: folders or files, else the installation's");
  command->add_option("--config", session.options.config, "The settings file")->capture_default_str();
  command->callback([&session, review] {
    session.action = [&session, review] {
      return review->decisions.empty() ? show_review(session, *review) : apply_review(session, *review);
    };
  });
}

void add_waiting(CLI::App& group, Session& session) {
  group
      .add_subcommand("activate",
                      "Puts the saved rules in force, where they wait for that (activate: on_command)")
      ->callback([&session] {
        session.action = [&session] {
          return session.run_plugin_command("access", "activate", Json::object());
        };
      });
  group
      .add_subcommand("shadow",
                      "What people asked for meanwhile and would get otherwise by the rules that wait")
      ->callback([&session] { session.action = [&session] { return show_shadow(session); }; });
}

void add_policy_questions(CLI::App& group, Session& session) {
  struct Question {
    std::string user;
    std::string action;
    std::string record;
    std::string field;
    std::string at;
  };
  const auto question = std::make_shared<Question>();
  CLI::App* explain =
      group.add_subcommand("explain", "Why somebody can or cannot: the rule, its file and line");
  explain->add_option("--user", question->user, "usr_… or an e-mail")->required();
  explain->add_option("--action", question->action, "view, edit, issue…")->required();
  explain->add_option("--record", question->record, "TYPE/ID, or TYPE: any record of it")->required();
  explain->add_option("--field", question->field, "A field of it");
  explain->add_option("--at", question->at, "A day");
  explain->callback([&session, question] {
    session.action = [&session, question] {
      return session.run_plugin_command("access", "explain",
                                        Json::object({{"user", question->user},
                                                      {"action", question->action},
                                                      {"record", question->record},
                                                      {"field", question->field},
                                                      {"at", question->at}}));
    };
  });
  CLI::App* who = group.add_subcommand("who-can", "Everybody who may: who-can ACTION TYPE/ID[.FIELD]");
  who->add_option("action", question->action, "view, edit, issue…")->required();
  who->add_option("record", question->record, "TYPE/ID[.FIELD], or TYPE[.FIELD]: any record of it")
      ->required();
  who->callback([&session, question] {
    session.action = [&session, question] {
      return session.run_plugin_command(
          "access", "who_can", Json::object({{"action", question->action}, {"record", question->record}}));
    };
  });
}

}  // namespace

void add_policy_commands(CLI::App& app, Session& session) {
  CLI::App* group = app.add_subcommand("policy", "Who may do what, and why");
  group->require_subcommand(1);
  group->fallthrough();
  add_files(*group, session);
  add_diff(*group, session);
  add_review(*group, session);
  add_waiting(*group, session);
  add_policy_questions(*group, session);
}

}  // namespace talon::cli
