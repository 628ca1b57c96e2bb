/// Registers the audit plugin's read log, jobs and commands.
#include "chain.hpp"
#include "forgetting.hpp"
#include "hold_check.hpp"
#include "intake.hpp"
#include "log_commands.hpp"
#include "proofs.hpp"
#include "read_log.hpp"
#include "sealer.hpp"
#include "settings.hpp"
#include "sights.hpp"
#include "signing.hpp"
#include "verify_commands.hpp"

#include <talon/plugin.hpp>

#include <sodium.h>

#include <cstring>
#include <fstream>
#include <memory>
#include <optional>

namespace {

using talon::CommandRequest;
using talon::Json;
using talon::Output;
using talon::Result;

std::string argument(const CommandRequest& request, const char* name, std::size_t position) {
  const std::string text(request.args[name].string());
  const auto& given = request.args["args"].items();
  return text.empty() && position < given.size() ? std::string(given[position].string()) : text;
}

class Audit : public talon::Plugin, public talon::AuditOffer {
 public:
  explicit Audit(talon::Host& host) : Plugin(host) {
    TALON_CHECK(sodium_init() >= 0);
    on_job("take_in", [this] { return intake_->run(audit::Pace::WhenIdle); });
    on_job("catch_up", [this] { return intake_->run(audit::Pace::Ordinary); });
    on_job("seal", [this] { return sealer_->seal(); });
    on_job("sign", [this] { return sealer_->sign(); });
    on_job("publish", [this] { return checkpoints_->publish(); });
    on_job("expire", [this] { return forgetting_->expire(); });
    on_command("verify", [this](CommandRequest& request, Output& out) { return verify(request, out); });
    on_command("verify_proof",
               [](CommandRequest& request, Output& out) { return check_proof(request, out); });
    on_command("export", [this](CommandRequest& request, Output& out) -> Result<void> {
      TALON_DO(take_in_now());
      TALON_TRY(const audit::Prefixes prefixes, this->prefixes());
      return audit::export_log(this->host().records(), request.records, prefixes, key_->public_key(),
                               request.args, out);
    });
    on_command("log", [this](CommandRequest& request, Output& out) -> Result<void> {
      TALON_DO(take_in_now());
      TALON_TRY(const audit::Prefixes prefixes, this->prefixes());
      return audit::show_log(this->host().records(), request.records, prefixes, request.args, out);
    });
    on_command("report", [this](CommandRequest& request, Output& out) -> Result<void> {
      TALON_DO(take_in_now());
      TALON_TRY(const audit::Prefixes prefixes, this->prefixes());
      return audit::report_log(this->host().records(), request.records, prefixes, request.args, out);
    });
    on_command("who_saw", [this](CommandRequest& request, Output& out) -> Result<void> {
      TALON_DO(take_in_now());
      TALON_TRY(const audit::Prefixes prefixes, this->prefixes());
      return audit::who_saw(this->host().records(), request.records, prefixes, request.args, out);
    });
    on_command("seen_by", [this](CommandRequest& request, Output& out) -> Result<void> {
      TALON_DO(take_in_now());
      return audit::seen_by(this->host().records(), request.records, request.args, out);
    });
    on_command("prove", [this](CommandRequest& request, Output& out) {
      return audit::prove_entry(this->host().records(), request.records, argument(request, "entry", 0), out);
    });
    on_command("consistency", [this](CommandRequest& request, Output& out) {
      return audit::prove_growth(this->host().records(), request.args["from"].integer(),
                                 request.args["to"].integer(), out);
    });
    on_command("check_settings", [this](CommandRequest& request, Output& out) -> Result<void> {
      TALON_TRY(const Json settings, this->host().settings());
      std::vector<std::string> types;
      for (const Json& type : request.args["types"].items()) types.emplace_back(type.string());
      TALON_DO(audit::check_settings(settings, types));
      return out.write("{}");
    });
    on_command("check_hold", [this](CommandRequest& request, Output&) -> Result<void> {
      TALON_TRY(const talon::model::Model model, this->host().model());
      return audit::check_hold(request.records, model, this->host().today(), request.args);
    });
    on_command("erase", [this](CommandRequest& request, Output& out) { return erase(request, out); });
    on_command("key", [this](CommandRequest&, Output& out) { return out.write(key_->public_key() + "\n"); });
  }

  Result<void> start() override {
    TALON_TRY(const Json json, host().settings());
    TALON_TRY(audit::Settings settings, audit::read_settings(json));
    const std::string& directory = settings.directory;
    TALON_DO(reads_.open(directory, host().now_us()));
    TALON_TRY(audit::SigningKey key, audit::SigningKey::open(directory + "/audit.key"));
    key_.emplace(std::move(key));
    std::ofstream(directory + "/audit.pub") << key_->public_key() << "\n";
    signed_file_ = directory + "/audit.signed";
    trusted_ = std::move(settings.trusted);
    trusted_.push_back(key_->public_key());
    chain_ = std::make_unique<audit::Chain>(host());
    checkpoints_ = std::make_unique<audit::Checkpoints>(
        host(), *chain_, *key_,
        audit::CheckpointSettings{settings.checkpoint_entries, settings.checkpoint_seconds,
                                  settings.checkpoint_file, settings.checkpoint_command, signed_file_,
                                  trusted_});
    sealer_ = std::make_unique<audit::Sealer>(host(), *chain_, *checkpoints_);
    intake_ = std::make_unique<audit::Intake>(host(), *chain_, reads_);
    forgetting_ = std::make_unique<audit::Forgetting>(
        host(), audit::ForgettingSettings{std::move(settings.retention), std::move(settings.keep)});
    return {};
  }

  void stop() override { reads_.close(); }

  Result<void> read(std::string_view entry) override {
    // Inside a text of the entry the quotes would stand behind backslashes. memmem(3), since `find` would
    // stop at each of the hundreds of quotes.
    constexpr std::string_view kDurable = "\"durable\":true";
    const bool is_durable = ::memmem(entry.data(), entry.size(), kDurable.data(), kDurable.size()) != nullptr;
    return is_durable ? reads_.append_durably(entry) : reads_.append(entry);
  }

 private:
  /// Whoever asks what was read gets what was read until now: the job may be waiting for an idle moment.
  Result<void> take_in_now() {
    const Result<void> taken = intake_->run(audit::Pace::Ordinary);
    // Whoever asks and is told may be the one who was at the log's files.
    if (!taken)
      this->host().log(TALON_LOG_ERROR, "read_log.not_taken_in",
                       Json::object({{"why", taken.error().message}}));
    return taken;
  }

  /// Read anew each time: a plugin that came since has types of its own.
  Result<audit::Prefixes> prefixes() {
    TALON_TRY(const talon::model::Model model, host().model());
    return audit::prefixes_of(model);
  }

  Result<void> verify(const CommandRequest& request, Output& out) {
    const std::string file = argument(request, "file", 0);
    const std::string copies(request.args["checkpoints"].string());
    if (!file.empty() && request.call == nullptr) {
      return audit::verify_file(file, std::string(request.args["key"].string()), copies, out);
    }
    if (!file.empty())
      return talon::invalid("a file is verified where it is: run `talon audit verify` without --server");
    if (!key_) return talon::invalid("name the exported file, or ask a running server");
    TALON_TRY(const std::optional<audit::Checkpoint> last, audit::read_signed(signed_file_));
    const std::string own = last ? audit::checkpoint_json(*last).to_string() + "\n" : std::string();
    return audit::verify_log(host().records(), trusted_, own + copies, out);
  }

  static Result<void> check_proof(const CommandRequest& request, Output& out) {
    if (request.call != nullptr) return talon::invalid("a proof is verified where it is, without a server");
    return audit::verify_proof(argument(request, "file", 0), std::string(request.args["key"].string()), out);
  }

  Result<void> erase(const CommandRequest& request, Output& out) {
    TALON_TRY(const Json principal, request.records.principal());
    Json args = request.args;
    args.set("by", principal["user"].string());
    return forgetting_->erase(args, out);
  }

  audit::ReadLog reads_;
  std::optional<audit::SigningKey> key_;  // from start on
  std::vector<std::string> trusted_;
  std::string signed_file_;
  std::unique_ptr<audit::Chain> chain_;
  std::unique_ptr<audit::Checkpoints> checkpoints_;
  std::unique_ptr<audit::Sealer> sealer_;
  std::unique_ptr<audit::Intake> intake_;
  std::unique_ptr<audit::Forgetting> forgetting_;
};

}  // namespace

// Jobs are alone by their lease; everything else may run beside them, so that a long export stops no read.
TALON_PLUGIN(Audit, "audit", "1.0.0", TALON_CONCURRENT);
