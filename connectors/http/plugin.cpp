/// The HTTP connector: reads and writes JSON services for plugins that move data.
#include "source.hpp"

#include <talon/plugin.hpp>

namespace {

class HttpPlugin : public talon::Plugin, public talon::SourceOffer, public talon::SinkOffer {
 public:
  using Plugin::Plugin;

  talon::Result<std::unique_ptr<talon::SourceSession>> open_source(const talon::Json& connection) override {
    return talon::http_connector::open_source(connection);
  }
  talon::Result<std::unique_ptr<talon::SinkSession>> open_sink(const talon::Json& connection) override {
    return talon::http_connector::open_sink(connection);
  }
};

}  // namespace

TALON_PLUGIN(HttpPlugin, "http", "1.0.0");
