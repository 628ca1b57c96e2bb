/// The model and the doors of the records tests.
#include "tests/unit/records/fixture.hpp"

#include "host/records/record_json.hpp"
#include "tests/support/record_types.hpp"

namespace talon::records {

namespace {

using model::Field;
using model::FieldType;
using support::by_action;
using support::field;
using support::money;
using support::ref;
using support::required;
using support::stored;

model::RecordType invoice() {
  model::RecordType type = stored("invoice", "invoices", "inv");
  type.read_log = model::ReadLog::On;
  type.fields = {by_action(field("number", FieldType::Text)),
                 support::state({"draft", "issued"}),
                 required(ref("client", "party")),
                 support::currency(),
                 money("net_total"),
                 money("cost"),
                 field("note", FieldType::Text),
                 by_action(field("paid", FieldType::Boolean))};
  type.lists = {{"lines", "invoice_line"}};
  model::Action issue;
  issue.name = "issue";
  issue.from = {"draft"};
  issue.to = "issued";
  issue.run = model::Run::Code;
  issue.elevates = {"series.edit"};
  model::Action post = issue;
  post.name = "post";
  post.run = model::Run::Declared;
  post.elevates = {};
  // Notes what other records say: by a declared reference, and by ids inside a JSON value.
  model::Action cite;
  cite.name = "cite";
  cite.is_on_type = true;
  cite.run = model::Run::Code;
  cite.elevates = {"party.view", "invoice.create"};
  cite.input = {ref("about", "party"), field("sources", FieldType::Json), field("words", FieldType::Text)};
  type.actions = {issue, post, cite};
  type.frozen = {"state is issued", {"paid"}};
  type.unique = {{"number"}};
  return type;
}

model::RecordType line() {
  model::RecordType type = stored("invoice_line", "invoice_lines", "inl");
  type.kind = model::Kind::Child;
  type.parent = "invoice";
  Field quantity = field("quantity", FieldType::Decimal);
  quantity.scale = 4;
  type.fields = {required(field("text", FieldType::Text)), quantity, money("net"), ref("item", "party"),
                 by_action(field("source", FieldType::Text))};
  return type;
}

model::RecordType turnover() {
  model::RecordType type = stored("turnover", "turnovers", "tur");
  type.kind = model::Kind::View;
  type.base_actions = {"view", "export"};
  type.view.type = "invoice";
  type.view.where = "state is issued";
  using Function = model::ViewColumn::Function;
  type.view.columns = {{"client", Function::Key, "client", ""},
                       {"currency", Function::Key, "currency", ""},
                       {"net", Function::Sum, "net_total", ""},
                       {"count", Function::Count, "", ""}};
  Field currency = field("currency", FieldType::Text);
  type.fields = {ref("client", "party"), currency, money("net"), field("count", FieldType::Integer)};
  return type;
}

model::RecordType audit_entry() {
  model::RecordType type = stored("audit_entry", "audit_entries", "aud");
  type.is_append_only = true;
  type.is_journaled = false;
  type.read_log = model::ReadLog::On;
  for (const char* name : {"kind", "principal", "on_behalf_of", "channel", "address", "request", "type",
                           "action", "reason", "policy_set", "content", "salt", "payload", "hash", "chain"}) {
    type.fields.push_back(field(name, FieldType::Text));
    const std::string_view named = name;
    type.fields.back().is_personal =
        named == "address" || named == "reason" || named == "content" || named == "salt";
  }
  type.fields.push_back(field("at", FieldType::Timestamp));
  type.fields.push_back(field("record", FieldType::Integer));
  type.fields.push_back(field("seq", FieldType::Integer));
  return type;
}

model::RecordType audit_value() {
  model::RecordType type = stored("audit_value", "audit_values", "auv");
  type.is_append_only = true;
  type.is_journaled = false;
  for (const char* name : {"type", "path", "hash", "salt", "value", "erased_by"}) {
    type.fields.push_back(field(name, FieldType::Text));
    const std::string_view named = name;
    type.fields.back().is_personal = named == "salt" || named == "value";
  }
  type.fields.push_back(ref("entry", "audit_entry"));
  type.fields.push_back(field("record", FieldType::Integer));
  type.fields.push_back(field("erased_at", FieldType::Timestamp));
  return type;
}

}  // namespace

model::Model test_model() {
  model::Model model;
  model::RecordType party = stored("party", "parties", "pty");
  party.fields = {required(field("name", FieldType::Text)), field("iban", FieldType::Text),
                  ref("owner", "user")};
  model::RecordType series = stored("series", "serieses", "ser");
  Field next = field("next", FieldType::Integer);
  next.initial = "1";
  series.fields = {field("code", FieldType::Text), next, field("last_date", FieldType::Date)};
  series.unique = {{"code"}};
  model::RecordType user = stored("user", "users", "usr");
  user.is_security = true;
  user.read_log = model::ReadLog::On;
  Field email = field("email", FieldType::Text);
  email.is_personal = true;
  email.format = model::TextFormat::Email;
  user.fields = {field("name", FieldType::Text), email};
  model::RecordType pair = stored("pair", "pairs", "pai");
  pair.fields = {field("left", FieldType::Text), field("right", FieldType::Text),
                 field("note", FieldType::Text), ref("other", "pair"), field("weight", FieldType::Integer)};
  pair.unique = {{"left", "right"}};
  model::RecordType deed = stored("deed", "deeds", "ded");
  deed.fields = {field("title", FieldType::Text), field("scan", FieldType::File)};
  model.types = {party,      series,        user,          invoice(), line(),
                 turnover(), audit_entry(), audit_value(), pair,      deed};
  return model;
}

RecordsTest::RecordsTest() {
  const std::string path = (directory_.path() / "talon.db").string();
  storage::Options options;
  options.url = "sqlite:" + path;
  model_ = std::make_shared<const model::Model>(test_model());
  auto migrated = storage::migrate(options, *model_);
  EXPECT_TRUE(migrated) << (migrated ? "" : migrated.error().message);
  auto opened = storage::open(options);
  EXPECT_TRUE(opened) << (opened ? "" : opened.error().message);
  database_ = *std::move(opened);
  gate_ = std::make_unique<gate::Gate>(model_, [this] { return now_us_; });
  gate_->set_authorizer(authorizer_);
  Records::Parts parts;
  parts.model = model_;
  parts.database = database_.get();
  parts.gate = gate_.get();
  parts.actions = &actions_;
  parts.read_log = &read_log_;
  parts.now_us = [this] { return ++now_us_; };
  parts.today = [] { return int64_t{20261121}; };
  parts.signing_key = "test key";
  records_ = std::make_unique<Records>(std::move(parts));
}

void RecordsTest::allow(int64_t user, const std::string& action, const std::string& type,
                        const std::string& where, const std::string& fields) {
  authorizer_->allow(user, action, type, where, fields);
  gate_->invalidate();
}

void RecordsTest::allow_all(int64_t user, const std::string& type) {
  for (const char* action : {"view", "create", "edit", "delete", "issue", "post", "cite"}) {
    if (model_->find(type)->has_action(action)) allow(user, action, type);
  }
}

std::string RecordsTest::create(int64_t user, const std::string& type, const std::string& body) {
  auto written = records_->create(as(user), type, *Json::parse(body));
  EXPECT_TRUE(written) << (written ? "" : written.error().message + written.error().details);
  return written ? std::string(written->record["id"].string()) : std::string();
}

Result<std::vector<std::string>> RecordsTest::rows(const Call& call, QueryRequest request, PageEnd* end) {
  std::vector<std::string> texts;
  std::vector<Column> columns;
  QuerySink sink;
  sink.columns = [&](const std::vector<Column>& given) -> Result<void> {
    columns = given;
    return {};
  };
  sink.row = [&](Row row) -> Result<void> {
    Json json = Json::object();
    add_members(*model_, columns, row, json);
    texts.push_back(json.to_string());
    return {};
  };
  TALON_TRY(PageEnd page, records_->query(call, request, sink));
  if (end != nullptr) *end = std::move(page);
  return texts;
}

}  // namespace talon::records
