/// The OpenAPI document of what ships: complete, without dangling references, without internal fields.
#include "host/model/openapi.hpp"

#include "host/model/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <set>

namespace talon::model {
namespace {

Json shipped() {
  const std::filesystem::path source = TALON_SOURCE_DIR;
  return openapi(load_model({.plugin_directories = {source / "plugins"}, .root = source}).model, "1.0.0");
}

void each(const Json& json, const std::function<void(const std::string&, const Json&)>& take) {
  for (const Json& item : json.items()) each(item, take);
  for (const auto& [name, member] : json.members()) {
    take(name, member);
    each(member, take);
  }
}

TEST(OpenApi, HasTheRoutesOfARecordType) {
  const Json document = shipped();
  const Json& paths = document["paths"];
  for (const char* path :
       {"/invoices", "/invoices/{id}", "/invoices/{id}/history", "/invoices/batch", "/invoices/{id}/issue",
        "/invoices/actions/draft", "/parties/by-external/{source}/{key}", "/turnovers", "/session", "/me",
        "/changes", "/events", "/access/check"}) {
    EXPECT_TRUE(paths[path].is_object()) << path;
  }
  EXPECT_EQ(paths["/changes"]["get"]["parameters"].items().size(), 3U);
  EXPECT_EQ(paths["/events"]["get"]["parameters"].items().size(), 2U);
  EXPECT_EQ(paths.find("/invoice_lines"), nullptr);
  EXPECT_TRUE(paths["/turnovers"]["post"].is_null());
  EXPECT_TRUE(paths["/payments/{id}"]["patch"].is_null());
  EXPECT_TRUE(document["components"]["schemas"]["invoice_create"]["properties"]["lines"].is_object());
  EXPECT_TRUE(document["components"]["schemas"]["invoice_create"]["properties"]["net_total"].is_null());
}

TEST(OpenApi, PointsOnlyAtWhatIsThereAndNamesOperationsOnce) {
  const Json document = shipped();
  std::set<std::string> ids;
  each(document, [&](const std::string& name, const Json& member) {
    if (name == "operationId") {
      EXPECT_TRUE(ids.insert(std::string(member.string())).second) << member.string();
    }
    if (name != "$ref") return;
    const Json* at = &document;
    std::string_view path = member.string().substr(2);
    for (std::size_t slash = 0; slash != std::string_view::npos; path.remove_prefix(slash + 1)) {
      slash = path.find('/');
      at = &(*at)[path.substr(0, slash)];
      if (slash == std::string_view::npos) break;
    }
    EXPECT_TRUE(at->is_object()) << member.string();
  });
  EXPECT_GT(ids.size(), 80U);
}

TEST(OpenApi, HidesInternalFields) {
  const std::string text = shipped().to_string();
  EXPECT_EQ(text.find("password_hash"), std::string::npos);
  EXPECT_EQ(text.find("token_hash"), std::string::npos);
}

}  // namespace
}  // namespace talon::model
