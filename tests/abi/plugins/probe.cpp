/// A plugin that does what its settings say, right and wrong; the tests make other versions by changing its
/// bytes.
#include <talon/plugin.hpp>

#include <atomic>
#include <stdexcept>

namespace {

constexpr const char* kVersion = "1.0.0+probe";  // a test turns the copy's into 1.1.0+probe

class Probe : public talon::Plugin {
 public:
  explicit Probe(talon::Host& host) : Plugin(host) {
    if (asks_for("throw_in_create")) throw std::runtime_error("the settings ask create to throw");
    on_command("version", [this](talon::CommandRequest&, talon::Output& out) -> talon::Result<void> {
      if (is_stopped_.load()) return talon::internal("called after stop");
      return out.write(kVersion);
    });
    on_command("throw", [](talon::CommandRequest&, talon::Output&) -> talon::Result<void> {
      throw std::runtime_error("the command throws");
    });
    on_command("throw_number",
               [](talon::CommandRequest&, talon::Output&) -> talon::Result<void> { throw 42; });
    on_command("ask", [this](talon::CommandRequest& request, talon::Output& out) -> talon::Result<void> {
      const std::string plugin(request.args["plugin"].string());
      TALON_TRY(const std::string answer,
                this->host().command(request.call, plugin, "version", talon::Json()));
      return out.write("asked: " + answer);
    });
    on_command("tell", [](talon::CommandRequest& request, talon::Output& out) -> talon::Result<void> {
      for (const char c : request.args["answer"].string()) TALON_DO(out.write(std::string_view(&c, 1)));
      return {};
    });
  }

  talon::Result<void> start() override {
    if (asks_for("throw_in_start")) throw std::runtime_error("the settings ask start to throw");
    if (asks_for("fail_in_start")) return talon::unavailable("the settings ask start to fail");
    return {};
  }
  void stop() override { is_stopped_ = true; }

 private:
  bool asks_for(std::string_view setting) const {
    const talon::Result<talon::Json> settings = host().settings();
    return settings && (*settings)[setting].boolean();
  }

  std::atomic<bool> is_stopped_{false};
};

}  // namespace

TALON_PLUGIN(Probe, "probe", "1.0.0+probe", TALON_CONCURRENT);
