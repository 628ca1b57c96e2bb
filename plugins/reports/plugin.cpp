/// Registers what the reports plugin offers: its language, and the commands list and run.
#include "run.hpp"

#include <talon/date.hpp>
#include <talon/text.hpp>

#include <memory>
#include <mutex>

namespace talon::reports {

/// The definitions in force and the model that they were checked against; swapped as one.
struct Set {
  Definitions definitions;
  model::Model model;
};

class Reports : public Plugin {
 public:
  explicit Reports(Host& host) : Plugin(host) {
    on_command("list", [this](CommandRequest& request, Output& out) -> Result<void> {
      TALON_TRY(const Json list, list_reports(set()->definitions, request.records));
      return out.write(list.to_string());
    });
    on_command("run", [this](CommandRequest& request, Output& out) { return run(request, out); });
  }

  bool owns_documents() const override { return true; }
  Mistakes check(const std::vector<Document>& documents, const model::Model& model) override {
    Mistakes mistakes;
    static_cast<void>(read_definitions(documents, model, mistakes));
    return mistakes;
  }
  Mistakes load(const std::vector<Document>& documents, const model::Model& model) override {
    Mistakes mistakes;
    auto made = std::make_shared<Set>();
    made->definitions = read_definitions(documents, model, mistakes);
    made->model = model;
    if (!mistakes.empty()) return mistakes;
    const std::lock_guard lock(mutex_);
    set_ = std::move(made);
    return mistakes;
  }

 private:
  std::shared_ptr<const Set> set() const {
    const std::lock_guard lock(mutex_);
    return set_;
  }

  /// {"name", "params": {…}, "format": "json" | "csv", "language"}.
  Result<void> run(CommandRequest& request, Output& out) {
    const auto set = this->set();
    const std::string_view name = request.args["name"].string();
    const auto found = set->definitions.find(name);
    if (found == set->definitions.end()) return not_found("there is no report " + echoed(name) + " for you");
    RunRequest run{found->second, {},          "json", "en", Timestamp(host().now_us()).to_string(),
                   host().raw(),  request.call};
    TALON_TRY(run.values, read_values(found->second, request.args["params"]));
    if (request.args["format"].is_string()) run.format = request.args["format"].string();
    if (request.args["language"].is_string()) run.language = request.args["language"].string();
    TALON_DO(run_report(run, set->model, request.records, out));
    host().log(TALON_LOG_INFO, "report.run", Json::object({{"report", name}, {"format", run.format}}));
    return {};
  }

  mutable std::mutex mutex_;  // of `set_`; reports run side by side
  std::shared_ptr<const Set> set_ = std::make_shared<Set>();
};

}  // namespace talon::reports

TALON_PLUGIN(talon::reports::Reports, "reports", "1.0.0", TALON_CONCURRENT);
