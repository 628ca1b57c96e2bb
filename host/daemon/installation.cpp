/// Makes the rooms and joins them.
#include "host/daemon/installation.hpp"

#include "host/config/yaml.hpp"
#include "host/daemon/installation_key.hpp"
#include "host/daemon/specs.hpp"
#include "host/daemon/watcher.hpp"
#include "host/model/acts.hpp"
#include "host/model/openapi.hpp"
#include "host/runtime/digest.hpp"
#include "host/runtime/log.hpp"
#include "host/runtime/random.hpp"
#include "host/storage/migrate.hpp"

#include <malloc.h>
#include <unistd.h>
#include <algorithm>
#include <map>

namespace talon::daemon {

namespace {

/// What happened has happened; that it is missing from the audit log must be seen.
void note_failure(const Result<void>& noted) {
  if (!noted) runtime::log().error("audit.entry_missing", {{"reason", noted.error().message}});
}

}  // namespace

Installation::Installation(config::Settings settings, std::filesystem::path program)
    : settings_(std::move(settings)), program_(std::move(program)), secrets_(settings_) {}

Installation::~Installation() { stop(); }

Result<void> Installation::start() {
  TALON_TRY(const runtime::Level level, runtime::parse_level(settings_.log_level));
  runtime::log().set_level(level);
  TALON_DO(runtime::SystemClock::set_zone(settings_.time_zone));
  std::error_code failed;
  std::filesystem::create_directories(settings_.data, failed);
  if (failed)
    return unavailable("cannot make the data directory " + settings_.data.string() + ": " + failed.message());
  TALON_DO(load_model());
  TALON_DO(open_storage());
  TALON_DO(make_rooms());
  TALON_DO(start_plugins());
  return start_serving();
}

Result<void> Installation::load_model() {
  model::ModelSources sources;
  sources.plugin_directories = {plugin_directory(settings_, program_)};
  sources.extensions_directory = settings_.extensions_directory;
  sources.root = settings_.root;
  sources.settings_file = settings_.file;
  sources.settings = settings_.plugins.settings;
  sources.disabled = settings_.plugins.disabled;
  loaded_ = model::load_model(sources);
  if (settings_.security.step_up_place) {
    model::check_acts(loaded_.model, settings_.security.step_up_acts, settings_.file,
                      *settings_.security.step_up_place, loaded_.mistakes);
  }
  for (const model::Refused& refused : loaded_.refused) {
    runtime::log().error("plugin.refused", {{"plugin", refused.plugin}, {"reason", refused.reason}});
  }
  // Of extensions and plugins' settings too: what has a mistake is not taken.
  for (const Mistake& mistake : loaded_.mistakes) {
    runtime::log().error("configuration.mistaken", {{"mistake", mistake.to_string()}});
  }
  for (const std::string& name : settings_.plugins.mandatory) {
    if (loaded_.find(name) == nullptr) {
      return failed_precondition("the mandatory plugin " + name +
                                 " does not take part; `talon check` says why\n" +
                                 config::to_lines(loaded_.mistakes));
    }
  }
  model_ = std::make_shared<const model::Model>(loaded_.model);
  folders_ = document_folders(settings_, loaded_);
  return {};
}

Result<void> Installation::open_storage() {
  storage::Options options;
  TALON_TRY(const runtime::Secret url, secrets_.resolve(settings_.storage.url));
  TALON_TRY(const runtime::Secret owner, secrets_.resolve(settings_.storage.owner_url));
  options.url = absolute_url(url.reveal(), settings_.data);
  options.owner_url = owner.reveal();
  options.readers = settings_.storage.pool;
  TALON_DO(storage::migrate(options, *model_));
  TALON_TRY(database_, storage::open(options));
  return {};
}

Result<std::string> Installation::setting_in_database(const std::string& name, const std::string& initial) {
  TALON_DO(database_->write(storage::Lane::Interactive, "", [&](storage::Transaction& transaction) {
    return transaction.post(
        {"insert into host_settings (name, value) values (?, ?) on conflict (name) do nothing",
         {name, initial}});
  }));
  std::string value;
  TALON_DO(database_->read([&](storage::Reader& reader) {
    return reader.rows({"select value from host_settings where name = ?", {name}},
                       [&](Row row) -> Result<void> {
                         value = row[0].text();
                         return {};
                       });
  }));
  return value;
}

Result<void> Installation::make_rooms() {
  TALON_TRY(epoch_, setting_in_database("security_epoch", "1"));
  TALON_TRY(const std::string key,
            setting_in_database("signing_key", runtime::hex(runtime::random_bytes(32))));
  TALON_TRY(const runtime::Secret secret_key, installation_key(secrets_, settings_.data));
  sealer_ = std::make_unique<runtime::Sealer>(secret_key);
  TALON_TRY(const std::string mark, setting_in_database("installation_key_mark", sealer_->mark()));
  if (mark != sealer_->mark()) {
    return failed_precondition(
        "secrets in this database were sealed with another installation key. Put the key of the installation "
        "back: the "
        "secret \"installation_key\", or the file installation.key in the data folder");
  }
  plugins::Plugins::Parts parts;
  parts.data_directory = settings_.data;
  parts.clock = &clock_;
  parts.secret = [this](std::string_view, std::string_view name) -> Result<std::string> {
    TALON_TRY(const runtime::Secret secret, secrets_.find(name));
    return std::string(secret.reveal());
  };
  parts.on_authorizer_changed = [this] {
    if (gate_) gate_->invalidate();
  };
  plugins_ = std::make_unique<plugins::Plugins>(std::move(parts));
  plugins_->load_all(specs_of(settings_, loaded_), loaded_.refused);
  gate_ = std::make_unique<gate::Gate>(model_, [this] { return clock_.now_us(); });
  gate_->set_authorizer(plugins_->authorizer());
  gate_->set_step_up({{settings_.security.step_up_acts.begin(), settings_.security.step_up_acts.end()},
                      settings_.security.step_up_fresh_ms * 1000});
  records::Records::Parts door;
  door.model = model_;
  door.database = database_.get();
  door.gate = gate_.get();
  make_mail();
  removal_ = std::make_unique<identity::Removal>(clock_);
  actions_ = std::make_unique<identity::HostActions>(plugins_->action_runner(), clock_, *links_, *removal_);
  door.actions = actions_.get();
  door.read_log = &plugins_->read_log();
  door.now_us = [this] { return clock_.now_us(); };
  door.today = [this] { return clock_.today(); };
  door.signing_key = key;
  // Hosts of one database get different nodes for their ids but for one chance in a thousand; where two write
  // in the same millisecond then, one is told to try again (duplicate_error).
  const std::string random = runtime::random_bytes(2);
  node_ = (static_cast<unsigned char>(random[0]) << 8 | static_cast<unsigned char>(random[1])) & 1023;
  door.node = node_;
  records_ = std::make_unique<records::Records>(std::move(door));
  mailer_->set_records(*records_);
  links_->set_records(*records_);
  removal_->set_records(*records_);
  actions_->set_records(*records_);
  plugins_->open(*records_, *gate_);
  chronicle_ = std::make_unique<Chronicle>(*records_, *database_, *plugins_);
  return chronicle_->settings(settings_, loaded_);
}

Result<void> Installation::start_plugins() {
  std::map<std::string, HandedOver> handed;
  for (const std::string& owner : plugins_->document_owners()) {
    const Mistakes mistakes = load_documents(folders_, owner, *plugins_, *model_, handed[owner]);
    if (!mistakes.empty()) return config::mistakes_error(mistakes);
  }
  plugins_->start_all();
  std::string reason;
  if (!plugins_->is_ready(&reason)) return failed_precondition("a mandatory plugin does not run: " + reason);
  for (const plugins::Health& health : plugins_->health()) {
    if (health.state != plugins::State::Failed) continue;
    runtime::log().error("plugin.failed", {{"plugin", health.name}, {"reason", health.reason}});
  }
  // Only started do they know whether the files are in force, or what was put in force before.
  for (const std::string& owner : plugins_->document_owners()) {
    if (const auto taken = handed.find(owner); taken != handed.end())
      TALON_DO(chronicle_->documents(owner, taken->second));
  }
  return chronicle_->started(TALON_VERSION);
}

Result<void> Installation::start_serving() {
  jobs::Scheduler::Parts scheduling;
  scheduling.database = database_.get();
  scheduling.jobs = &plugins_->job_runner();
  scheduling.events = &plugins_->event_handler();
  scheduling.now_us = [this] { return clock_.now_us(); };
  scheduling.keep_house = [this] { return removal_->finish(); };
  scheduling.answered = [this] { return server_->answered(); };
  scheduling.owner = std::to_string(::getpid()) + "-" + runtime::hex(runtime::random_bytes(8));
  scheduling.options.events_kept = std::chrono::milliseconds(settings_.limits.events_kept_ms);
  scheduler_ = std::make_unique<jobs::Scheduler>(std::move(scheduling), model_);
  make_identity();
  http::ApiParts api;
  api.records = records_.get();
  api.gate = gate_.get();
  api.sessions = sessions_.get();
  api.browser_sign_in = browser_sign_in_.get();
  api.second_factor = second_factor_.get();
  api.links = links_.get();
  api.mailer = mailer_.get();
  api.removal = removal_.get();
  api.plugins = plugins_.get();
  api.clock = &clock_;
  api.openapi = [](const model::Model& model) { return model::openapi(model, TALON_VERSION).to_string(); };
  api.ready = [this] { return ready(); };
  api.static_directory = settings_.portal_directory.string();
  api.reads_are_brief = database_->dialect() == storage::Dialect::Sqlite;
  server_ = std::make_unique<http::Server>(server_options(settings_, node_), std::move(api), metrics_);
  TALON_DO(scheduler_->start());
  mailer_->start();
  TALON_DO(server_->start());
  watcher_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
  // Decisions 16: looked at every 250 ms, by a thread that waits for nothing else.
  epoch_watcher_ = std::jthread([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      follow_epoch();
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
  });
  return {};
}

Result<std::string> Installation::ready() {
  std::string reason;
  if (!plugins_->is_ready(&reason)) return Error{Code::Unavailable, reason, "plugins"};
  if (const auto works = plugins_->read_log_works(); !works)
    return Error{Code::Unavailable, works.error().message, "read_log"};
  // What was in force before goes on being enforced: taken out of service, all hosts that share the files
  // would be gone by one slip of the pen.
  const std::lock_guard lock(refused_mutex_);
  return refused_.empty() ? std::string() : std::string("documents");
}

Result<void> Installation::bootstrap(const Json& person) {
  gate::Call call;
  call.principal.kind = gate::Principal::Kind::System;
  call.channel = "bootstrap";
  return plugins_->run_command(&call, "access", "bootstrap", person,
                               [](std::string_view) -> Result<void> { return {}; });
}

void Installation::watch(const std::stop_token& stop) {
  static constexpr std::chrono::milliseconds kPoll(200);
  Watcher watcher;
  for (const DocumentFolder& folder : folders_) watcher.add(folder.directory);
  while (!stop.stop_requested()) {
    reload_changed(watcher.changed(kPoll));
    note_failure(chronicle_->follow_waiting());
  }
}

void Installation::reload_changed(const std::vector<std::filesystem::path>& changed) {
  std::vector<std::string> owners;
  for (const DocumentFolder& folder : folders_) {
    const bool is_changed = std::find(changed.begin(), changed.end(), folder.directory) != changed.end();
    const bool is_known = std::find(owners.begin(), owners.end(), folder.plugin) != owners.end();
    if (is_changed && !is_known) owners.push_back(folder.plugin);
  }
  for (const std::string& owner : owners) {
    HandedOver handed;
    const Mistakes mistakes = load_documents(folders_, owner, *plugins_, *model_, handed);
    {
      const std::lock_guard lock(refused_mutex_);
      if (mistakes.empty())
        refused_.erase(owner);
      else
        refused_.insert(owner);
    }
    if (mistakes.empty()) {
      gate_->invalidate();
      sessions_->invalidate();  // event streams are told to read anew
      const auto noted = chronicle_->documents(owner, handed);
      note_failure(noted ? Result<void>() : noted.error());
      if (noted) runtime::log().info(*noted, {{"plugin", owner}});
      continue;
    }
    Json list = Json::array();
    for (const Mistake& mistake : mistakes) list.push(mistake.to_string());
    note_failure(chronicle_->refused(owner, list));
    runtime::log().error("documents.refused", {{"plugin", owner}, {"mistakes", std::move(list)}});
  }
  if (!owners.empty()) ::malloc_trim(0);  // reading a large set takes many times what is kept of it
}

void Installation::follow_epoch() {
  std::string epoch;
  const auto read = database_->read([&](storage::Reader& reader) {
    return reader.rows({"select value from host_settings where name = 'security_epoch'", {}},
                       [&](Row row) -> Result<void> {
                         epoch = row[0].text();
                         return {};
                       });
  });
  // Without a look at the epoch nobody knows whether rights have changed: everything is asked again (fail
  // closed).
  if (read && epoch == epoch_) return;
  epoch_ = epoch;
  gate_->invalidate();
  sessions_->invalidate();
}

void Installation::stop() {
  for (std::jthread* thread : {&watcher_, &epoch_watcher_}) {
    if (!thread->joinable()) continue;
    thread->request_stop();
    thread->join();
  }
  if (server_) server_->stop(std::chrono::seconds(10));
  if (scheduler_) scheduler_->stop();
  if (chronicle_ && server_) note_failure(chronicle_->stopped());
  if (mailer_) mailer_->stop();
  if (plugins_) plugins_->stop_all();
  server_.reset();
  scheduler_.reset();
  browser_sign_in_.reset();
  sessions_.reset();
  claims_.reset();
  second_factor_.reset();
  plugins_.reset();
  chronicle_.reset();
  records_.reset();
  actions_.reset();
  removal_.reset();
  links_.reset();
  mailer_.reset();
  gate_.reset();
  database_.reset();
}

}  // namespace talon::daemon
