/// Removing somebody whose record moves at that moment: wholly or not at all.
#include "tests/unit/http/api_fixture.hpp"

#include "host/identity/store.hpp"

namespace talon::http::test {
namespace {

/// Runs the host's actions, and lets something happen between what they read and what is written.
class Overtaken : public records::ActionRunner {
 public:
  explicit Overtaken(records::ActionRunner& inner) : inner_(inner) {}
  std::function<void()> meanwhile;

  Result<std::string> run(const gate::Call& call, const model::RecordType& type, std::string_view id,
                          std::string_view action, const Json& input) override {
    auto changes = inner_.run(call, type, id, action, input);
    if (meanwhile) meanwhile();
    return changes;
  }
  Result<void> check(const gate::Call& call, const model::RecordType& type, std::string_view id,
                     const Json& body) override {
    return inner_.check(call, type, id, body);
  }

 private:
  records::ActionRunner& inner_;
};

class Removal : public ApiTest {
 protected:
  Removal() {
    removal_.set_records(*records_);
    records_->set_actions(&overtaken_);
    admin_ = add_user("root@talon.test");
    for (const char* action : {"view", "remove"}) allow(admin_, action, "user");
    ann_ = add_user("ann@talon.test");
    token_ = sign_in("ann@talon.test");
    sign_in("ann@talon.test");
    ChangeSet changes;
    changes.create("token", {{"user", ann_}, {"name", "build"}, {"token_hash", "x"}});
    for (const char* state : {"waiting", "sent"}) {
      changes.create("mail",
                     {{"user", ann_}, {"address", "ann@talon.test"}, {"text", "a link"}, {"state", state}});
    }
    changes.create(
        "login_link",
        {{"user", ann_}, {"plugin", "oidc"}, {"issuer", "https://id.test"}, {"subject", "ann@id.test"}});
    const auto made = identity::write(*records_, identity::own_call(), changes);
    EXPECT_TRUE(made) << made.error().message;
  }
  Answer remove() {
    return call(sign_in("root@talon.test"), "POST", "/api/v1/users/" + id_text("usr", ann_) + "/remove",
                "{}");
  }
  void change_name() {
    ChangeSet changes;
    changes.change("user", ann_, -1, {{"name", "Anna " + std::to_string(++names_)}});
    ASSERT_TRUE(identity::write(*records_, identity::own_call(), changes));
  }
  int64_t count(const std::string& from) {
    int64_t rows = -1;
    EXPECT_TRUE(database_->read([&](storage::Reader& reader) {
      return reader.rows({"select count(*) from " + from + " and \"user\" = ?", {ann_}},
                         [&](Row row) -> Result<void> {
                           rows = row[0].integer();
                           return {};
                         });
    })) << from;
    return rows;
  }

  Overtaken overtaken_{*host_actions_};
  int64_t admin_ = 0;
  int64_t ann_ = 0;
  std::string token_;
  int names_ = 0;
};

TEST_F(Removal, BeginsAnewWhereThePersonMovedMeanwhile) {
  overtaken_.meanwhile = [&] {
    if (names_ == 0) change_name();
  };
  const Answer removed = remove();
  ASSERT_EQ(removed.status, 200) << removed.text;
  EXPECT_EQ(names_, 1);
  EXPECT_EQ(call(token_, "GET", "/api/v1/me").status, 401);
  EXPECT_EQ(count("sessions where ended_at is not null and renewal is null and renew_at is null"), 2);
  EXPECT_EQ(count("sessions where (address is not null or agent is not null)"), 0);
  EXPECT_EQ(count("tokens where revoked_at is not null"), 1);
  EXPECT_EQ(count("mails where address is null and text is null and state = 'failed'"), 1);
  EXPECT_EQ(count("mails where address is null and text is null and state = 'sent'"), 1);
  EXPECT_EQ(count("login_links where subject like 'removed lgl%'"), 1);
}

TEST_F(Removal, LeavesEverythingWhereItCannotBeDone) {
  const int64_t addresses = count("sessions where address is not null and ended_at is null");
  ASSERT_EQ(addresses, 2);
  overtaken_.meanwhile = [&] { change_name(); };
  const Answer refused = remove();
  EXPECT_EQ(refused.status, 409) << refused.text;
  EXPECT_EQ(call(token_, "GET", "/api/v1/me").status, 200);
  EXPECT_EQ(count("sessions where address is not null and ended_at is null"), addresses);
  EXPECT_EQ(count("tokens where revoked_at is null"), 1);
  EXPECT_EQ(count("mails where address is not null and text is not null"), 2);
  EXPECT_EQ(count("mails where state = 'waiting'"), 1);
  EXPECT_EQ(count("login_links where subject = 'ann@id.test'"), 1);
}

TEST_F(Removal, ForgetsAlsoWhatBeganMeanwhile) {
  std::string late;
  overtaken_.meanwhile = [&] {
    late = sign_in("ann@talon.test");
    ChangeSet changes;
    changes.create("mail", {{"user", ann_}, {"address", "ann@talon.test"}, {"subject", "Ann"}});
    changes.create("login_link", {{"user", ann_},
                                  {"plugin", "oidc"},
                                  {"issuer", "https://other.test"},
                                  {"subject", "ann@other.test"}});
    ASSERT_TRUE(identity::write(*records_, identity::own_call(), changes));
  };
  ASSERT_EQ(remove().status, 200);
  EXPECT_EQ(call(late, "GET", "/api/v1/me").status, 401);
  EXPECT_EQ(count("sessions where ended_at is not null"), 3);
  EXPECT_EQ(count("sessions where (address is not null or agent is not null)"), 0);
  EXPECT_EQ(count("mails where (state = 'waiting' or address is not null or subject is not null)"), 0);
  EXPECT_EQ(count("login_links where subject not like 'removed lgl%'"), 0);
}

TEST_F(Removal, LeavesNothingOverWhereTheHostStoppedBeforeTheEnd) {
  ASSERT_EQ(remove().status, 200);
  ChangeSet changes;
  changes.create("session", {{"user", ann_}, {"token_hash", "y"}, {"address", "192.0.2.7"}});
  ASSERT_TRUE(identity::write(*records_, identity::own_call(), changes));
  ASSERT_TRUE(removal_.finish());
  EXPECT_EQ(count("sessions where (address is not null or ended_at is null)"), 0);
  EXPECT_EQ(call(sign_in("root@talon.test"), "GET", "/api/v1/me").status, 200);
  ASSERT_TRUE(removal_.finish());
}

TEST_F(Removal, OfALetterThatGoesOutMeanwhileSaysThatItWent) {
  overtaken_.meanwhile = [&] {
    ChangeSet changes;
    const auto waiting =
        identity::find_one(*records_, "mail", {"id"}, "state is waiting and user is " + id_text("usr", ann_));
    if (!waiting || waiting->empty()) return;
    changes.change("mail", (*waiting)[0].integer(), -1, {{"state", "sent"}});
    ASSERT_TRUE(identity::write(*records_, identity::own_call(), changes));
  };
  ASSERT_EQ(remove().status, 200);
  EXPECT_EQ(count("mails where state = 'sent' and address is null and text is null"), 2);
}

}  // namespace
}  // namespace talon::http::test
