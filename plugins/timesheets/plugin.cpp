/// Registers timesheets' action and event handlers.
#include "timesheet_actions.hpp"

#include <talon/plugin.hpp>

namespace {

class Timesheets : public talon::Plugin {
 public:
  explicit Timesheets(talon::Host& plugin_host) : Plugin(plugin_host) {
    on_action("timesheet_entry.bill",
              [this](talon::ActionRequest& request) { return talon::timesheets::bill(host(), request); });
    for (const char* event : {"invoice.credited", "invoice.cancelled", "invoice.deleted"}) {
      on_event(event, [this](const talon::Event& one) { return talon::timesheets::release(host(), one); });
    }
  }
};

}  // namespace

TALON_PLUGIN(Timesheets, "timesheets", "1.0.0");
