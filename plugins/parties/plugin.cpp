/// Registers parties: all of it is declared in plugin.yaml, so there is no behaviour to add.
#include <talon/plugin.hpp>

namespace {

class Parties : public talon::Plugin {
 public:
  explicit Parties(talon::Host& plugin_host) : Plugin(plugin_host) {}
};

}  // namespace

TALON_PLUGIN(Parties, "parties", "1.0.0", TALON_CONCURRENT);
