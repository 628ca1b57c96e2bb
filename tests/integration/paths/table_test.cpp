/// The table of paths is whole: every route of the daemon, every action's and command's input, every line of
/// the description. A new path without its line here fails by name.
#include "tests/integration/paths/askers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

namespace talon::paths {
namespace {

using ::testing::IsEmpty;

class PathsTable : public ::testing::Test {
 protected:
  Town& town_ = Town::shared();
  std::shared_ptr<const http::Router> router_ = http::Router::make(town_.shared_model());
  Askers askers_{town_};
};

TEST_F(PathsTable, EveryRouteIsAskedAndNothingIsAskedThatIsNotThere) {
  for (const http::Route& route : router_->routes()) {
    const Asker* asker = askers_.find(route);
    ASSERT_NE(asker, nullptr) << route.method << " " << route.pattern
                              << ": say in askers.cpp how it is asked";
    EXPECT_TRUE(asker->about || asker->whole || !asker->elsewhere.empty()) << route.pattern;
    const bool names_one = route.pattern.find("{id}") != std::string::npos;
    EXPECT_TRUE(!names_one || asker->about) << route.pattern << ": ask about own, other's and absent ones";
  }
  EXPECT_THAT(askers_.untold(*router_), IsEmpty()) << "say in askers_more.cpp what they take";
  EXPECT_THAT(askers_.idle(*router_), IsEmpty());
}

TEST_F(PathsTable, EveryTypeAndEveryReportHasRowsToAskFor) {
  for (const model::RecordType& type : town_.model().types) {
    if (type.kind == model::Kind::Stored || type.kind == model::Kind::Child) {
      const bool is_log = type.name.starts_with("audit_");
      EXPECT_TRUE(is_log || town_.rows(type.name).size() >= 2) << type.name;
    }
  }
  ApiClient admin(town_.port(), town_.inside().back().token);
  std::set<std::string> told;
  const Answer reports = admin.get("/api/v1/reports");
  ASSERT_EQ(reports.status, 200) << reports.text;
  for (const Json& report : reports.json["reports"].items())
    told.insert(std::string(report["name"].string()));
  for (const auto& file :
       std::filesystem::directory_iterator(std::filesystem::path(TALON_SOURCE_DIR) / "config/reports")) {
    if (file.path().extension() != ".yaml") continue;
    EXPECT_EQ(told.count(file.path().stem().string()), 1U) << file.path();
  }
}

TEST_F(PathsTable, TheDescriptionListsTheRoutersRoutesAndNoOthers) {
  ApiClient client(town_.port());
  const Answer description = client.get("/openapi.json");
  ASSERT_EQ(description.status, 200);
  std::set<std::string> described;
  for (const auto& [path, item] : description.json["paths"].members()) {
    for (const auto& [method, operation] : item.members()) described.insert(method + " " + path);
  }
  std::set<std::string> routed;
  for (const http::Route& route : router_->routes()) {
    std::string name = route.method + " " + route.pattern.substr(7);
    for (char& c : name) {
      if (c == ' ') break;
      c = static_cast<char>(c - 'A' + 'a');
    }
    const model::RecordType* type = town_.model().find(route.type);
    // Rows of a list are described with their record; the description does not describe itself.
    const bool is_child = type != nullptr && type->kind == model::Kind::Child;
    if (is_child || route.operation == http::Operation::OpenApi) continue;
    if (route.operation != http::Operation::Command) {
      routed.insert(name);
      continue;
    }
    for (const model::Command& command : town_.model().commands)
      routed.insert("post /plugins/" + command.plugin + "/commands/" + command.name);
  }
  EXPECT_EQ(described, routed);
}

}  // namespace
}  // namespace talon::paths
