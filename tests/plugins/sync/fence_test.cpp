/// Two runs of one stream: the one that was overtaken writes nothing, and blames no row for it.
#include "connectors/sync/writer.hpp"
#include "tests/plugins/sync/harness.hpp"

#include <functional>

namespace talon::sync_test {
namespace {

using sync::Item;

class Fence : public ::testing::Test {
 protected:
  Fence() : connector_(read()) {}

  static sync::Connector read() {
    Mistakes mistakes;
    const Document document = config::read_yaml_text(kCustomers, "config/connectors/test.yaml", mistakes);
    auto connectors = sync::read_mappings({document}, whole_model(), mistakes);
    EXPECT_TRUE(mistakes.empty()) << config::to_lines(mistakes);
    return std::move(connectors.front());
  }
  const sync::Stream& stream() const { return connector_.streams.front(); }
  Records records() {
    return {boundary::host_table<talon_records_v1>(host_.raw(), TALON_RECORDS_V1), host_.call()};
  }
  sync::Writer writer() { return {connector_, stream(), records()}; }
  sync::State take(sync::Writer& writer) {
    auto state = sync::load_state(records(), "erp", "customers");
    EXPECT_TRUE(state && writer.take(*state, 1));
    return state ? *state : sync::State();
  }
  std::vector<Item> created(const std::string& external_id) const {
    Item item;
    item.kind = Item::Kind::Create;
    item.external_id = external_id;
    item.hash = "h";
    for (const sync::FieldMap& map : stream().fields) {
      if (map.field == "name" || map.field == "external_id" || map.field == "external_system")
        item.changes.push_back({&map, Value(external_id), "", ""});
    }
    return {item};
  }

  testing::FakeHost host_{whole_model()};
  sync::Connector connector_;
};

TEST_F(Fence, ARunThatWasOvertakenWritesNothingAndSetsNoRowAside) {
  sync::Writer first = writer();
  sync::State of_first = take(first);
  sync::Writer second = writer();
  sync::State of_second = take(second);
  std::vector<Item> rows = created("1");
  ASSERT_TRUE(second.write(rows, of_second));

  std::vector<Item> late = created("1");
  const auto page = first.write(late, of_first);
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().code, Code::Aborted);
  std::vector<Item> waiting = created("2");  // without the state, as rows that waited for another
  const auto rest = first.write(waiting);
  ASSERT_FALSE(rest);
  EXPECT_EQ(rest.error().code, Code::Aborted);
  EXPECT_EQ(host_.ids("party").size(), 1u);
  EXPECT_EQ(host_.ids("sync_ref").size(), 1u);
  EXPECT_TRUE(host_.ids("sync_reject").empty());
}

TEST_F(Fence, TheRunThatHasTheStreamGoesOn) {
  sync::Writer one = writer();
  sync::State state = take(one);
  for (const char* id : {"1", "2", "3"}) {
    std::vector<Item> rows = created(id);
    ASSERT_TRUE(one.write(rows, state)) << id;
  }
  EXPECT_EQ(host_.ids("party").size(), 3u);
}

/// A source that breaks while it is read, after another run has taken the stream.
struct Overtaken {
  std::function<void()> meanwhile;

  static const talon_source_v1* table() {
    static const talon_source_v1 source = {
        sizeof(talon_source_v1),
        [](void* self, talon_text, void** handle, const talon_writer*) -> talon_status {
          *handle = self;
          return TALON_OK;
        },
        [](void*, void* handle, talon_text, const talon_rows*, const talon_writer*,
           const talon_writer* error) -> talon_status {
          return boundary::guarded(error, [&]() -> Result<void> {
            static_cast<Overtaken*>(handle)->meanwhile();
            return unavailable("the connection broke");
          });
        },
        [](void*, void*, talon_text, const talon_writer*, const talon_writer*) -> talon_status {
          return TALON_OK;
        },
        [](void*, void*) {},
        [](void*, void*) {}};
    return &source;
  }
};

TEST(RunFence, ARunThatLostItsPlaceNotesItsFailureElsewhere) {
  Harness harness;
  ASSERT_EQ(harness.load(kCustomers), "");
  Overtaken source;
  harness.host.on_table("odbc", TALON_SOURCE_V1, Overtaken::table(), &source);
  sync::State after;
  source.meanwhile = [&] {
    const int64_t id = harness.host.ids("sync_state").front();
    harness.host.change("sync_state", id,
                        {{"fence", harness.host.value("sync_state", id, "fence").integer() + 1}});
    after.version = harness.host.value("sync_state", id, "version").integer();
  };
  EXPECT_NE(harness.run().find("the connection broke"), std::string::npos);
  const int64_t id = harness.host.ids("sync_state").front();
  EXPECT_EQ(harness.host.value("sync_state", id, "version").integer(), after.version)
      << "the run that has the stream now would fail on this version";
  EXPECT_EQ(harness.host.text("sync_state", id, "last_error"), "");
  source.meanwhile = [] {};
  EXPECT_NE(harness.run().find("the connection broke"), std::string::npos);
  EXPECT_EQ(harness.host.text("sync_state", id, "last_error"), "the connection broke") << "its own is noted";
}

}  // namespace
}  // namespace talon::sync_test
