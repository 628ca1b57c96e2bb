/// The model and the rooms of the API's tests.
#include "tests/unit/http/api_fixture.hpp"

#include "host/model/load.hpp"
#include "tests/support/record_types.hpp"

#include <talon/id.hpp>

namespace talon::http::test {

namespace {

using model::Field;
using support::ref;
using support::stored;
using support::text;

model::RecordType invoice() {
  const Field number = support::by_action(text("number"));
  const Field client = support::required(ref("client", "party"));
  auto type = stored("invoice", "invoices", "inv",
                     {number, support::state({"draft", "issued"}), client, support::currency(),
                      support::money("net_total"), text("note")});
  type.read_log = model::ReadLog::On;
  model::Action issue;
  issue.name = "issue";
  issue.from = {"draft"};
  issue.to = "issued";
  issue.run = model::Run::Code;
  issue.needs_key = true;
  model::Action post;
  post.name = "post";
  post.from = {"draft"};
  post.to = "issued";
  type.actions = {issue, post};
  type.frozen = {"state is issued", {}};
  return type;
}

}  // namespace

model::Model api_model() {
  // People, their sessions and the audit log as the host declares them.
  model::Model model = model::merge_model({}, {}).model;
  auto party = stored("party", "parties", "pty",
                      {text("name"), text("iban"), text("external_system"), text("external_id")});
  model.types.push_back(std::move(party));
  model.types.push_back(invoice());
  auto receipt = stored("receipt", "receipts", "rct", {text("name")});
  receipt.needs_key = true;
  model.types.push_back(std::move(receipt));
  auto access = stored("access", "access", "acc", {});
  access.kind = model::Kind::Virtual;
  access.base_actions = {"explain"};
  model.types.push_back(std::move(access));
  return model;
}

Result<std::string> FakeActions::run(const gate::Call&, const model::RecordType& type, std::string_view id,
                                     std::string_view, const Json&) {
  const Json set = Json::object({{"number", "N-1"}, {"state", "issued"}});
  const Json change =
      Json::object({{"op", "change"}, {"type", type.name}, {"id", id}, {"version", 1}, {"set", set}});
  return Json::object({{"operations", Json::array({change})}, {"events", Json::array()}, {"answer", Json()}})
      .to_string();
}

std::string Answer::header(std::string_view name) const {
  return std::string(headers.find(name).value_or(""));
}

ApiTest::ApiTest() {
  storage::Options options;
  options.url = "sqlite:" + directory_.file("talon.db");
  model_ = std::make_shared<const model::Model>(api_model());
  const auto migrated = storage::migrate(options, *model_);
  EXPECT_TRUE(migrated) << (migrated ? "" : migrated.error().message);
  auto opened = storage::open(options);
  EXPECT_TRUE(opened);
  database_ = *std::move(opened);
  gate_ = std::make_unique<gate::Gate>(model_, [this] { return clock_.now_us(); });
  gate_->set_authorizer(authorizer_);
  records::Records::Parts parts;
  parts.model = model_;
  parts.database = database_.get();
  parts.gate = gate_.get();
  host_actions_ = std::make_unique<identity::HostActions>(actions_, clock_, links_, removal_);
  parts.actions = host_actions_.get();
  parts.read_log = &read_log_;
  parts.now_us = [this] { return clock_.now_us(); };
  parts.today = [this] { return clock_.today(); };
  parts.signing_key = "test key";
  records_ = std::make_unique<records::Records>(std::move(parts));
  second_factor_ = std::make_unique<identity::SecondFactor>(
      identity::SecondFactor::Parts{records_.get(), &clock_, &sealer_, "Talon"});
  identity::Sessions::Parts people;
  people.records = records_.get();
  people.clock = &clock_;
  people.verify = [this](const Json& credentials) -> Result<std::string> {
    const auto found = users_.find(std::string(credentials["email"].string()));
    if (found == users_.end() || credentials["password"].string() != "right") {
      return Error{Code::Unauthenticated, "the e-mail address or the password is wrong"};
    }
    if (while_verifying_) while_verifying_();
    return id_text("usr", found->second);
  };
  people.gate = gate_.get();
  people.second_factor = second_factor_.get();
  people.times = {12LL * 3600 * 1'000'000, 7LL * 24 * 3600 * 1'000'000, 300LL * 1'000'000};
  sessions_ = std::make_unique<identity::Sessions>(std::move(people));
  ApiParts api;
  api.records = records_.get();
  api.gate = gate_.get();
  api.sessions = sessions_.get();
  api.clock = &clock_;
  api.second_factor = second_factor_.get();
  api.removal = &removal_;
  api.openapi = [](const model::Model&) { return std::string(R"({"openapi":"3.1.0"})"); };
  api.ready = [this] { return ready_ ? ready_() : Result<std::string>(std::string()); };
  api_ = std::make_unique<Api>(std::move(api));
}

ApiTest::~ApiTest() = default;

void ApiTest::allow(int64_t user, const std::string& action, const std::string& type,
                    const std::string& where, const std::string& fields) {
  authorizer_->allow(user, action, type, where, fields);
  gate_->invalidate();
}

void ApiTest::allow_all(int64_t user, const std::string& type) {
  for (const char* action : {"view", "create", "edit", "delete", "issue", "post"}) {
    if (model_->find(type)->has_action(action)) allow(user, action, type);
  }
}

int64_t ApiTest::add_user(const std::string& email) {
  gate::Call call;
  call.principal.kind = gate::Principal::Kind::System;
  ChangeSet changes;
  changes.create("user", {{"name", "Ann"}, {"email", email}, {"state", "active"}}, "u");
  changes.answer(Json::object({{"id", "@u"}}));
  const auto answer = records_->apply(call, changes.json());
  EXPECT_TRUE(answer) << (answer ? "" : answer.error().message + answer.error().details);
  const int64_t id = *parse_id((*answer)["id"].string());
  users_[email] = id;
  return id;
}

void ApiTest::set_state(int64_t user, const std::string& state) {
  gate::Call call;
  call.principal.kind = gate::Principal::Kind::System;
  const auto read = records_->get(call, "user", id_text("usr", user), {"version"});
  ASSERT_TRUE(read);
  ChangeSet changes;
  changes.change("user", user, (*read)["version"].integer(), {{"state", state}});
  const auto done = records_->apply(call, changes.json());
  ASSERT_TRUE(done) << done.error().message;
  sessions_->invalidate();
}

void ApiTest::end_sessions(int64_t user) {
  gate::Call call;
  call.principal.kind = gate::Principal::Kind::System;
  ChangeSet changes;
  changes.change("user", user, -1, {{"sessions_from", clock_.now_us()}});
  const auto done = records_->apply(call, changes.json());
  ASSERT_TRUE(done) << done.error().message;
}

std::string ApiTest::sign_in(const std::string& email) {
  const Answer answer =
      call("", "POST", "/api/v1/session", R"({"email":")" + email + R"(","password":"right"})");
  EXPECT_EQ(answer.status, 201) << answer.text;
  return std::string(answer.body["token"].string());
}

Answer ApiTest::call(const std::string& token, const std::string& method, const std::string& target,
                     const std::string& body, Pairs headers) {
  Request request;
  request.method = method;
  request.target = target;
  request.body = body;
  request.headers = std::move(headers);
  request.peer = "192.0.2.1";
  request.id = "req_test";
  if (!token.empty()) request.headers.emplace_back("Authorization", "Bearer " + token);
  if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  EXPECT_TRUE(read_target(request));
  const Response response = api_->handle(request);
  Answer answer{response.status, {}, response.body, response.headers};
  if (auto json = Json::parse(response.body)) answer.body = *std::move(json);
  return answer;
}

}  // namespace talon::http::test
