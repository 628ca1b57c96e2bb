/// Registers invoicing's actions and commands.
#include <talon/plugin.hpp>

namespace {

class Invoicing : public talon::Plugin {
 public:
  explicit Invoicing(talon::Host& host) : Plugin(host) {}
};

}  // namespace

TALON_PLUGIN(Invoicing, "invoicing", "1.0.0")
