/// The ODBC connector: reads and writes external databases for plugins that move data.
#include "source.hpp"

#include <talon/plugin.hpp>

namespace {

class OdbcPlugin : public talon::Plugin, public talon::SourceOffer, public talon::SinkOffer {
 public:
  using Plugin::Plugin;

  talon::Result<std::unique_ptr<talon::SourceSession>> open_source(const talon::Json& connection) override {
    return talon::odbc::open_source(connection);
  }
  talon::Result<std::unique_ptr<talon::SinkSession>> open_sink(const talon::Json& connection) override {
    return talon::odbc::open_sink(connection);
  }
};

}  // namespace

TALON_PLUGIN(OdbcPlugin, "odbc", "1.0.0");
