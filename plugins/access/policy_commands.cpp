/// Commands about whole policy sets.
#include "policy_commands.hpp"

#include "arguments.hpp"
#include "diff.hpp"
#include "rights_pages.hpp"

#include <talon/id.hpp>
#include <talon/model_json.hpp>

namespace talon::access {

namespace {

Json lines(const Mistakes& mistakes) {
  Json list = Json::array();
  for (const Mistake& mistake : mistakes) list.push(mistake.to_string());
  return list;
}

}  // namespace

Result<void> give(const Result<Json>& answer, Output& out) {
  if (!answer) return answer.error();
  return out.write(answer->to_string());
}

Result<model::Model> PolicyCommands::model_of(const CommandRequest& request) const {
  const Json& model = request.args["model"];
  if (model.is_null()) return host_.model();
  // Of another model the host could not log what the answer shows.
  if (request.call != nullptr)
    return invalid(
        "\"model\" is for commands without a server; with one, its own model counts: leave it out");
  return model::read_model(model);
}

Result<std::shared_ptr<const CompiledSet>> PolicyCommands::read_set(const Json& documents,
                                                                    const model::Model& model,
                                                                    Mistakes& mistakes) const {
  if (documents.is_null()) return authority_.set();
  return Authority::read(documents.to_string(), model, mistakes);
}

Result<Json> PolicyCommands::test(const CommandRequest& request) {
  const Json& args = request.args;
  Mistakes mistakes;
  TestReport report;
  if (args["documents"].is_null()) {
    TALON_TRY(const std::shared_ptr<const CompiledSet> set, authority_.set());
    report = run_tests(*set, mistakes);
  } else {
    TALON_TRY(const model::Model model, model_of(request));
    TALON_DO(Authority::prepare(args["documents"].to_string(), model, mistakes, &report));
  }
  return Json::object({{"passed", report.assertions - report.failed},
                       {"failed", report.failed},
                       {"mistakes", lines(mistakes)}});
}

Result<Json> PolicyCommands::table(const CommandRequest& request) {
  const Json& args = request.args;
  Mistakes mistakes;
  std::shared_ptr<const CompiledSet> set;
  if (args["documents"].is_null()) {
    TALON_TRY(set, authority_.set());
  } else {
    TALON_TRY(const model::Model model, model_of(request));
    TALON_TRY(set, read_set(args["documents"], model, mistakes));
    if (mistakes.empty()) mistakes = Authority::failed_tests(*set);
  }
  if (!mistakes.empty()) return Json::object({{"mistakes", lines(mistakes)}});
  Json pages = Json::array();
  for (RightsPage& page : rights_pages(*set)) {
    pages.push(Json::object({{"file", std::move(page.file)}, {"text", std::move(page.text)}}));
  }
  return Json::object({{"pages", std::move(pages)}});
}

Result<std::vector<Person>> PolicyCommands::people_of(const Json& users) {
  People& people = authority_.people();
  if (users.items().empty()) return people.all();
  std::vector<Person> some;
  for (const Json& user : users.items()) {
    const auto id = parse_id(user.string(), "usr");
    auto person = id ? people.by_id(*id) : people.by_email(user.string());
    if (!person && person.error().code == Code::NotFound)
      return invalid("there is no user \"" + std::string(user.string()) +
                     "\"; name one by e-mail address or id (usr_…)");
    TALON_TRY(Person known, std::move(person));
    some.push_back(std::move(known));
  }
  return some;
}

Result<Json> PolicyCommands::diff(const CommandRequest& request) {
  const Json& args = request.args;
  const bool is_offline = request.call == nullptr;
  TALON_DO(judge_kinds(args, {}, {"users"}));
  TALON_TRY(const model::Model model, model_of(request));
  Mistakes mistakes;
  TALON_TRY(const std::shared_ptr<const CompiledSet> before, read_set(args["before"], model, mistakes));
  TALON_TRY(const std::shared_ptr<const CompiledSet> after, read_set(args["after"], model, mistakes));
  if (!mistakes.empty()) {
    Json refused = Json::object({{"mistakes", lines(mistakes)}});
    return is_offline ? refused : refused.set("shown", Json::array());
  }
  const TwoSets sets{*before, *after};
  std::vector<Person> everybody;
  if (is_offline) {
    everybody = people_of_files(sets);
  } else {
    TALON_TRY(everybody, people_of(args["users"]));
  }
  const FindId find_id = [&](std::string_view type, std::string_view number) {
    return authority_.people().find_id(*before->model, type, number);
  };
  const Date today = host_.today();
  const Comparison comparison = compare_sets(sets, everybody, today, is_offline ? FindId() : find_id);
  const Records own = host_.records();
  Json shown = Json::array();
  TALON_TRY(Json answer, comparison_json(sets, comparison, is_offline ? nullptr : &own, shown));
  if (!is_offline) {
    add_shown(answer["changes"], everybody, shown);
    answer.set("shown", std::move(shown));
  }
  // What a set means is told whatever its tests say; that they fail keeps it from being put in force.
  const Mistakes failed = args["after"].is_null() ? Mistakes() : Authority::failed_tests(*after);
  return answer.set("failed_tests", lines(failed));
}

}  // namespace talon::access
