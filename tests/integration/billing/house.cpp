/// Builds the house: model, database, plugins, gate and records.
#include "tests/integration/billing/house.hpp"

#include <talon/id.hpp>

#include <algorithm>

namespace talon {

namespace {

const std::vector<std::string> kPlugins = {"parties", "invoicing", "timesheets", "trade", "franchise"};

plugins::Spec spec_of(const model::Manifest& manifest, const Json& settings) {
  plugins::Spec spec;
  spec.name = manifest.name;
  spec.version = manifest.version;
  spec.folder = std::filesystem::path(TALON_BUILD_DIR) / "plugins" / manifest.name;
  spec.requires_plugins = manifest.requires_plugins;
  spec.offers = manifest.offers;
  spec.elevates = manifest.elevates;
  for (const model::Command& command : manifest.commands) {
    spec.commands.push_back({command.name, command.right, command.is_offline, command.shows_records});
  }
  spec.settings = settings;
  return spec;
}

}  // namespace

Result<void> RollingBack::write(storage::Lane lane, std::string_view group, const storage::WriteWork& work) {
  const bool is_undone = every_ > 0 && ++writes_ % every_ == 0;
  if (!is_undone) return database_->write(lane, group, work);
  ++undone_;
  return database_->write(lane, group, [&](storage::Transaction& transaction) -> Result<void> {
    TALON_DO(work(transaction));
    return unavailable("the test undoes this write");
  });
}

void House::open_database(const HouseOptions& wanted) {
  storage::Options options;
  options.url = wanted.url.empty() ? "sqlite:" + (directory.path() / "talon.db").string() : wanted.url;
  const auto migrated = storage::migrate(options, *model);
  EXPECT_TRUE(migrated) << (migrated ? "" : migrated.error().message);
  auto opened = storage::open(options);
  EXPECT_TRUE(opened) << (opened ? "" : opened.error().message);
  database = std::make_unique<RollingBack>(*std::move(opened), wanted.roll_back_every);
}

House::House(const HouseOptions& options) {
  const std::filesystem::path source(TALON_SOURCE_DIR);
  model::LoadedModel loaded = model::load_model(
      {.plugin_directories = {source / "plugins"}, .extensions_directory = {}, .root = source});
  model = std::make_shared<const model::Model>(loaded.model);
  clock.advance_us(options.later_us);
  open_database(options);
  plugins::Plugins::Parts parts;
  parts.data_directory = directory.path();
  parts.clock = &clock;
  plugins = std::make_unique<plugins::Plugins>(std::move(parts));
  std::vector<plugins::Spec> specs;
  for (const model::Manifest& manifest : loaded.manifests) {
    const bool is_ours = std::find(kPlugins.begin(), kPlugins.end(), manifest.name) != kPlugins.end();
    if (is_ours) specs.push_back(spec_of(manifest, loaded.settings[manifest.name]));
  }
  plugins->load_all(std::move(specs));
  gate = std::make_unique<gate::Gate>(model, [this] { return clock.now_us(); });
  gate->set_authorizer(std::make_shared<AllowEverything>());
  records::Records::Parts door;
  door.model = model;
  door.database = database.get();
  door.gate = gate.get();
  door.actions = &plugins->action_runner();
  door.read_log = &read_log;
  door.now_us = [this] { return clock.now_us(); };
  door.today = [this] { return clock.today(); };
  door.signing_key = "test key";
  records = std::make_unique<records::Records>(std::move(door));
  plugins->open(*records, *gate);
  plugins->start_all();
  for (const plugins::Health& health : plugins->health()) {
    EXPECT_EQ(health.state, plugins::State::Ready) << health.name << ": " << health.reason;
  }
  user = find_or_create("user", "Ann", R"({"name": "Ann", "email": "ann@example.org"})");
  company = find_or_create("party", "Talon Services", R"({"name": "Talon Services", "is_company": true})");
  client = find_or_create("party", "Nordic", R"({"name": "Nordic", "is_client": true})");
}

std::string House::find_or_create(std::string_view type, std::string_view name, const std::string& body) {
  const std::vector<std::string> found = ids(type, "name is \"" + std::string(name) + "\"");
  return found.empty() ? create(type, body) : found.front();
}

House::~House() { plugins->stop_all(); }

gate::Call House::call() {
  gate::Call call;
  call.principal.kind = gate::Principal::Kind::User;
  call.principal.user = 4711;
  call.channel = "test";
  call.request_id = "req";
  call.idempotency_key = "key-" + std::to_string(++keys);
  return call;
}

std::string House::create(std::string_view type, const std::string& body) {
  const auto json = Json::parse(body);
  EXPECT_TRUE(json) << body;
  const auto written = records->create(call(), type, *json);
  EXPECT_TRUE(written) << type << ": " << (written ? "" : written.error().message + written.error().details);
  return written ? std::string(written->record["id"].string()) : std::string();
}

Result<Json> House::act(std::string_view type, std::string_view id, std::string_view action,
                        const std::string& input) {
  TALON_TRY(const Json json, Json::parse(input));
  TALON_TRY(const records::Written written, records->act(call(), type, id, action, -1, json));
  return written.record;
}

Json House::done(std::string_view type, std::string_view id, std::string_view action,
                 const std::string& input) {
  const auto answer = act(type, id, action, input);
  EXPECT_TRUE(answer) << type << "." << action << ": "
                      << (answer ? "" : answer.error().message + " " + answer.error().details);
  return answer ? *answer : Json();
}

Json House::get(std::string_view type, std::string_view id) {
  const auto record = records->get(call(), type, id, {});
  EXPECT_TRUE(record) << (record ? "" : record.error().message);
  return record ? *record : Json();
}

std::vector<std::string> House::ids(std::string_view type, std::string_view where) {
  records::QueryRequest request;
  request.type = type;
  request.fields = {"id"};
  request.where = where;
  request.order = {"id"};
  std::vector<std::string> found;
  const std::string prefix = model->find(type)->prefix;
  records::QuerySink sink;
  sink.columns = [](const std::vector<records::Column>&) -> Result<void> { return {}; };
  sink.row = [&](Row row) -> Result<void> {
    found.push_back(id_text(prefix, row[0].integer()));
    return {};
  };
  const auto end = records->query(call(), request, sink);
  EXPECT_TRUE(end) << (end ? "" : end.error().message);
  return found;
}

std::string House::issue_one(int64_t person, const std::string& key) {
  const std::string body = R"({"company": ")" + company + R"(", "client": ")" + client +
                           R"(", "lines": [{"description": "Work", "price": "9.99", "vat_rate": "20"}]})";
  gate::Call one;
  one.principal.kind = gate::Principal::Kind::User;
  one.principal.user = person;
  one.channel = "test";
  const auto insist = [&](std::string_view id, std::string_view action, const Json& input) {
    one.idempotency_key = key + std::string(action);
    for (;;) {
      auto written = records->act(one, "invoice", id, action, -1, input);
      const bool may_retry =
          !written && (written.error().code == Code::Unavailable || written.error().code == Code::Aborted);
      if (may_retry) continue;
      EXPECT_TRUE(written) << (written ? "" : written.error().message);
      return written ? written->record : Json();
    }
  };
  const Json draft = insist("", "draft", Json::object({{"invoice", *Json::parse(body)}}));
  return std::string(insist(draft["id"].string(), "issue", Json::object())["number"].string());
}

void House::deliver(std::string_view plugin, std::string_view event) {
  std::vector<Json> events;
  const auto read = database->read([&](storage::Reader& reader) {
    return reader.rows(
        {"select type, record, version, data from outbox where event = ? order by id", {Value(event)}},
        [&](Row row) -> Result<void> {
          const std::string type(row[0].text());
          events.push_back(Json::object({{"id", "evt"},
                                         {"event", event},
                                         {"type", type},
                                         {"record", id_text(model->find(type)->prefix, row[1].integer())},
                                         {"version", row[2].integer()},
                                         {"data", *Json::parse(row[3].text())}}));
          return {};
        });
  });
  EXPECT_TRUE(read) << (read ? "" : read.error().message);
  EXPECT_FALSE(events.empty()) << event;
  for (const Json& one : events) {
    for (int twice = 0; twice < 2; ++twice) {
      const auto handled = plugins->handle_event(plugin, one);
      EXPECT_TRUE(handled) << (handled ? "" : handled.error().message);
    }
  }
}

Result<void> House::sql(const std::string& text) {
  return database->write(storage::Lane::Interactive, {}, [&](storage::Transaction& transaction) {
    return transaction.post({text, {}});
  });
}

}  // namespace talon
