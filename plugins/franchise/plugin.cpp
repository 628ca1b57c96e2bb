/// Registers franchise's actions and event handlers.
#include "franchise_actions.hpp"

#include <talon/plugin.hpp>

namespace {

class Franchise : public talon::Plugin {
 public:
  using Action = talon::Result<talon::ChangeSet> (*)(const talon::Host&, const talon::ActionRequest&);

  explicit Franchise(talon::Host& plugin_host) : Plugin(plugin_host) {
    action("franchise_contract.activate", talon::franchise::activate_contract);
    action("franchise_statement.compute", talon::franchise::compute_statement);
    action("franchise_statement.reopen", talon::franchise::reopen_statement);
    action("franchise_statement.invoice", talon::franchise::invoice_statement);
    for (const char* event : {"invoice.credited", "invoice.cancelled", "invoice.deleted"}) {
      on_event(event,
               [this](const talon::Event& one) { return talon::franchise::release_statements(host(), one); });
    }
  }

 private:
  void action(const char* name, Action run) {
    on_action(name, [this, run](talon::ActionRequest& request) { return run(host(), request); });
  }
};

}  // namespace

TALON_PLUGIN(Franchise, "franchise", "1.0.0", TALON_CONCURRENT);
