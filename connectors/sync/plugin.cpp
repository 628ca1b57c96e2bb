/// sync: registers actions, commands, jobs and events, and owns the mappings' documents.
#include "commands.hpp"
#include "push.hpp"
#include "release.hpp"

#include <talon/plugin.hpp>

namespace {

class SyncPlugin : public talon::Plugin {
 public:
  explicit SyncPlugin(talon::Host& host) : Plugin(host), service_(host) {
    for (const char* name :
         {"list", "check", "status", "rejects", "plan", "apply", "run", "retry", "reset", "push"}) {
      on_command(name, [this](talon::CommandRequest& request, talon::Output& output) {
        return talon::sync::run_command(service_, request, output);
      });
    }
    on_action("sync_delivery.retry", [](talon::ActionRequest& request) {
      return talon::sync::release(request, talon::sync::Release::Retry);
    });
    on_action("sync_delivery.dismiss", [](talon::ActionRequest& request) {
      return talon::sync::release(request, talon::sync::Release::Dismiss);
    });
    on_job("schedule", [this] { return talon::sync::run_due(service_); });
    on_job("push", [this]() -> talon::Result<void> {
      const auto result = talon::sync::deliver(service_);
      return result ? talon::Result<void>() : result.error();
    });
    for (const char* event : {"invoice.issued", "invoice.credited"}) {
      on_event(event,
               [this](const talon::Event& happened) { return talon::sync::note_event(service_, happened); });
    }
  }

  bool owns_documents() const override { return true; }
  talon::Mistakes check(const std::vector<talon::Document>& documents,
                        const talon::model::Model& model) override {
    talon::Mistakes mistakes;
    talon::sync::read_mappings(documents, model, mistakes);
    return mistakes;
  }
  talon::Mistakes load(const std::vector<talon::Document>& documents,
                       const talon::model::Model& model) override {
    talon::Mistakes mistakes;
    auto mappings = std::make_shared<talon::sync::Mappings>();
    mappings->model = model;
    mappings->connectors = talon::sync::read_mappings(documents, mappings->model, mistakes);
    if (mistakes.empty()) service_.set_mappings(std::move(mappings));
    return mistakes;
  }

 private:
  talon::sync::Service service_;
};

}  // namespace

TALON_PLUGIN(SyncPlugin, "sync", "1.0.0", TALON_CONCURRENT);
