/// The table of addresses from a model, and the files of the portal.
#include "host/http/router.hpp"
#include "host/http/static_files.hpp"
#include "host/model/load.hpp"
#include "host/model/openapi.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

namespace talon::http {
namespace {

std::shared_ptr<const model::Model> small_model() {
  auto model = std::make_shared<model::Model>();
  model::RecordType invoice;
  invoice.name = "invoice";
  invoice.plural = "invoices";
  invoice.prefix = "inv";
  invoice.base_actions = {"view", "create", "edit"};
  model::Action issue;
  issue.name = "issue";
  issue.to = "issued";
  model::Action many;
  many.name = "issue_many";
  many.is_on_type = true;
  invoice.actions = {issue, many};
  model::RecordType line = invoice;
  line.name = "invoice_line";
  line.plural = "invoice_lines";
  line.kind = model::Kind::Child;
  model::RecordType report;
  report.name = "report";
  report.plural = "reports";
  report.kind = model::Kind::Virtual;
  model->types = {invoice, line, report};
  return model;
}

std::string pattern_of(const Router& router, const char* method, std::vector<std::string> below) {
  below.insert(below.begin(), {"api", "v1"});
  const auto match = router.find(method, below);
  return match.route == nullptr ? "-" : match.route->pattern;
}

TEST(Router, FindsWhatTheModelOffersAndNothingElse) {
  const auto router = Router::make(small_model());
  EXPECT_EQ(pattern_of(*router, "GET", {"invoices"}), "/api/v1/invoices");
  EXPECT_EQ(pattern_of(*router, "PATCH", {"invoices", "inv_1"}), "/api/v1/invoices/{id}");
  EXPECT_EQ(pattern_of(*router, "POST", {"invoices", "inv_1", "issue"}), "/api/v1/invoices/{id}/issue");
  EXPECT_EQ(pattern_of(*router, "POST", {"invoices", "actions", "issue_many"}),
            "/api/v1/invoices/actions/issue_many");
  EXPECT_EQ(pattern_of(*router, "POST", {"invoices", "batch"}), "/api/v1/invoices/batch");
  EXPECT_EQ(pattern_of(*router, "GET", {"invoice_lines"}), "/api/v1/invoice_lines");
  EXPECT_EQ(pattern_of(*router, "DELETE", {"invoices", "inv_1"}), "-");  // not offered
  EXPECT_EQ(pattern_of(*router, "POST", {"invoices", "inv_1", "erase"}), "-");
  EXPECT_EQ(pattern_of(*router, "POST", {"invoice_lines"}), "-");  // written with their parent
  EXPECT_EQ(pattern_of(*router, "GET", {"invoices", ""}), "-");
  EXPECT_EQ(pattern_of(*router, "GET", {}), "-");
}

TEST(Router, NamesTheMethodsOfAnAddress) {
  const auto router = Router::make(small_model());
  const auto match = router->find("PUT", {"api", "v1", "invoices", "inv_1"});
  EXPECT_EQ(match.route, nullptr);
  EXPECT_EQ(match.allowed, "GET, PATCH");
}

TEST(Router, EveryRouteOfTheTableFindsItself) {
  const auto router = Router::make(small_model());
  std::set<std::string> seen;
  for (const Route& route : router->routes()) {
    EXPECT_TRUE(seen.insert(route.method + " " + route.pattern).second) << route.pattern;
    std::vector<std::string> segments = {"api", "v1"};
    for (const std::string& segment : route.segments) segments.push_back(segment[0] == '{' ? "x" : segment);
    EXPECT_EQ(router->find(route.method, segments).route, &route) << route.pattern;
  }
}

TEST(Router, AgreesWithTheApisDescription) {
  const auto model = std::make_shared<const model::Model>(model::merge_model({}, {}).model);
  const auto router = Router::make(model);
  const Json paths = model::openapi(*model, "1")["paths"];
  std::set<std::string> described;
  for (const auto& [path, item] : paths.members()) {
    for (const auto& [method, operation] : item.members()) described.insert(method + " " + path);
  }
  std::set<std::string> known;
  for (const Route& route : router->routes()) {
    const model::RecordType* type = model->find(route.type);
    if (type != nullptr && type->kind == model::Kind::Child)
      continue;  // lists of rows; their parents describe them
    if (route.operation == Operation::OpenApi || route.operation == Operation::Command) continue;
    std::string method = route.method;
    for (char& c : method) c = static_cast<char>(c - 'A' + 'a');
    const std::string path = route.pattern.substr(7);
    known.insert(method + " " + path);
    EXPECT_TRUE(described.contains(method + " " + path) || described.contains(method + " " + route.pattern))
        << method << " " << path;
  }
  for (const std::string& one : described) {
    const std::string bare = one.find("/api/v1") == std::string::npos
                                 ? one
                                 : one.substr(0, one.find('/')) + one.substr(one.find('/') + 7);
    EXPECT_TRUE(known.contains(bare)) << one;
  }
}

struct Folder {
  Folder() {
    std::filesystem::create_directories(root() / "assets");
    write("site/index.html", "<p>page</p>");
    write("site/assets/app.js", "1");
    write("site/.hidden", "secret");
    write("outside.txt", "secret");
    std::filesystem::create_symlink(directory.path() / "outside.txt", root() / "link.txt");
  }
  std::filesystem::path root() const { return directory.path() / "site"; }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(directory.path() / name) << text;
  }
  support::TemporaryDirectory directory;
};

Response fetch(StaticFiles& files, std::string target, const std::string& etag = {}) {
  Request request;
  request.method = "GET";
  request.target = std::move(target);
  if (!etag.empty()) request.headers.emplace_back("If-None-Match", etag);
  if (!read_target(request)) return Response{400, {}, {}, {}, {}};
  return files.get(request);
}

std::string header_of(const Response& response, std::string_view name) {
  return std::string(response.headers.find(name).value_or(""));
}

TEST(StaticFiles, ServesItsFolderWithAPolicyAndTags) {
  const Folder folder;
  StaticFiles files(folder.root().string());
  const Response page = fetch(files, "/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.body, "<p>page</p>");
  EXPECT_NE(header_of(page, "Content-Security-Policy").find("default-src 'self'"), std::string::npos);
  EXPECT_EQ(fetch(files, "/invoices/inv_1").body, "<p>page</p>");  // the portal's own addresses
  EXPECT_EQ(header_of(fetch(files, "/assets/app.js"), "Content-Type"), "text/javascript; charset=utf-8");
  const Response again = fetch(files, "/", header_of(page, "ETag"));
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
}

TEST(StaticFiles, LeavesNothingOutsideOrHiddenOut) {
  const Folder folder;
  StaticFiles files(folder.root().string());
  for (const char* target :
       {"/../outside.txt", "/..%2foutside.txt", "/%2e%2e/outside.txt", "/.hidden", "/link.txt",
        "/assets/..%5c..%5coutside.txt", "/missing.js", "/assets/../../outside.txt"}) {
    EXPECT_EQ(fetch(files, target).status, 404) << target;
  }
  StaticFiles none("");
  EXPECT_EQ(fetch(none, "/").status, 404);
}

}  // namespace
}  // namespace talon::http
