/// Registers the audit plugin's read log, job and commands.
#include "log_commands.hpp"
#include "read_log.hpp"
#include "sealer.hpp"
#include "signing.hpp"

#include <talon/plugin.hpp>

#include <sodium.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>

namespace {

using talon::CommandRequest;
using talon::Output;
using talon::Result;

class Audit : public talon::Plugin, public talon::AuditOffer {
 public:
  explicit Audit(talon::Host& host) : Plugin(host) {
    TALON_CHECK(sodium_init() >= 0);
    on_job("seal", [this] { return seal(); });
    on_command("verify", [this](CommandRequest& request, Output& out) { return verify(request, out); });
    on_command("export", [this](CommandRequest& request, Output& out) {
      return audit::export_log(request.records, key_->public_key(), out);
    });
    on_command("log", [](CommandRequest& request, Output& out) {
      return audit::show_log(request.records, request.args, out);
    });
    on_command("key", [this](CommandRequest&, Output& out) { return out.write(key_->public_key() + "\n"); });
  }

  Result<void> start() override {
    TALON_TRY(const talon::Json settings, host().settings());
    // The host names its data directory beside the manifest's own settings; an absolute path stays as it is.
    const std::string directory =
        std::filesystem::path(settings["data_directory"].string()) / settings["directory"].string();
    TALON_DO(reads_.open(directory, host().now_us()));
    TALON_TRY(audit::SigningKey key, audit::SigningKey::open(directory + "/audit.key"));
    key_.emplace(std::move(key));
    std::ofstream(directory + "/audit.pub") << key_->public_key() << "\n";
    trusted_ = audit::words(settings["trusted_keys"].string());
    trusted_.push_back(key_->public_key());
    sealer_ = std::make_unique<audit::Sealer>(
        host(), reads_, *key_,
        audit::SealSettings{settings["checkpoint_entries"].integer(1000),
                            settings["checkpoint_seconds"].integer(60),
                            std::string(settings["checkpoint_file"].string())});
    return {};
  }

  void stop() override { reads_.close(); }

  Result<void> read(std::string_view entry) override { return reads_.append(entry); }

 private:
  Result<void> seal() { return sealer_->run(); }

  Result<void> verify(const CommandRequest& request, Output& out) {
    std::string file(request.args["file"].string());
    if (file.empty() && !request.args["args"].items().empty())
      file = request.args["args"].items()[0].string();
    if (!file.empty() && request.call == nullptr) {
      return audit::verify_file(file, std::string(request.args["key"].string()), out);
    }
    if (!file.empty())
      return talon::invalid("a file is verified where it is: run `talon audit verify` without --server");
    if (!key_) return talon::invalid("name the exported file, or ask a running server");
    return audit::verify_log(host().records(), trusted_, out);
  }

  audit::ReadLog reads_;
  std::optional<audit::SigningKey> key_;  // from start on
  std::vector<std::string> trusted_;
  std::unique_ptr<audit::Sealer> sealer_;
};

}  // namespace

// The sealer is alone by its lease; everything else may run beside it, so that a long export stops no read.
TALON_PLUGIN(Audit, "audit", "1.0.0", TALON_CONCURRENT);
