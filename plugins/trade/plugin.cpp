/// Registers trade's actions and event handlers.
#include "delivery_actions.hpp"
#include "order_actions.hpp"

#include <talon/plugin.hpp>

namespace {

class Trade : public talon::Plugin {
 public:
  using Action = talon::Result<talon::ChangeSet> (*)(const talon::Host&, const talon::ActionRequest&);

  explicit Trade(talon::Host& plugin_host) : Plugin(plugin_host) {
    action("customer_order.place", talon::trade::place_order);
    action("customer_order.accept", talon::trade::accept_order);
    action("customer_order.invoice", talon::trade::invoice_order);
    action("delivery.receive", talon::trade::receive_delivery);
    action("delivery.bill", talon::trade::bill_delivery);
    for (const char* event : {"invoice.credited", "invoice.cancelled", "invoice.deleted"}) {
      on_event(event, [this](const talon::Event& one) { return talon::trade::release_orders(host(), one); });
    }
  }

 private:
  void action(const char* name, Action run) {
    on_action(name, [this, run](talon::ActionRequest& request) { return run(host(), request); });
  }
};

}  // namespace

TALON_PLUGIN(Trade, "trade", "1.0.0", TALON_CONCURRENT);
