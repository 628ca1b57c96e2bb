/// Registers invoicing's actions and commands; the code is in the files named after their nouns.
#include "commands.hpp"
#include "invoice_actions.hpp"
#include "payment_actions.hpp"

#include <talon/plugin.hpp>

namespace {

class Invoicing : public talon::Plugin {
 public:
  using Action = talon::Result<talon::ChangeSet> (*)(const talon::Host&, const talon::ActionRequest&);
  using Command = talon::Result<void> (*)(const talon::Host&, const talon::CommandRequest&, talon::Output&);

  explicit Invoicing(talon::Host& plugin_host) : Plugin(plugin_host) {
    action("invoice.draft", talon::invoicing::draft);
    action("invoice.calculate", talon::invoicing::calculate);
    action("invoice.approve", talon::invoicing::approve);
    action("invoice.issue", talon::invoicing::issue);
    action("invoice.issue_many", talon::invoicing::issue_many);
    action("invoice.send", talon::invoicing::send);
    action("invoice.credit", talon::invoicing::credit);
    action("invoice.write_off", talon::invoicing::write_off);
    action("payment.record", talon::invoicing::record_payment);
    action("payment.allocate", talon::invoicing::allocate_payment);
    action("payment.unallocate", talon::invoicing::unallocate_payment);
    command("compose", talon::invoicing::compose);
    command("check", talon::invoicing::check);
  }

 private:
  void action(const char* name, Action run) {
    on_action(name, [this, run](talon::ActionRequest& request) { return run(host(), request); });
  }
  void command(const char* name, Command run) {
    on_command(name, [this, run](talon::CommandRequest& request, talon::Output& output) {
      return run(host(), request, output);
    });
  }
};

}  // namespace

TALON_PLUGIN(Invoicing, "invoicing", "1.0.0", TALON_CONCURRENT);
