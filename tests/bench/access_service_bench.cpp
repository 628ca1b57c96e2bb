/// What asking for a decision costs over HTTP, how fast changed rules are in force, and what a large set
/// costs; with Cerbos beside it where npm gives it.
///
/// CPU is the server process's own (CLOCK_PROCESS_CPUTIME_ID of its pid), so that the asking side does not
/// count.
#include "tests/bench/cerbos_server.hpp"
#include "tests/bench/report.hpp"
#include "tests/support/business.hpp"

#include <ctime>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

namespace talon::bench {
namespace {

using support::Answer;
using support::ApiClient;
using support::Business;

constexpr int kRecords = 50;
constexpr int kClients = 4;
constexpr int kDocuments = 10'000;
constexpr int kCerbosDocuments = 1'000;  // ten thousand take it minutes
const std::vector<std::string> kActions = {"view", "edit", "delete", "approve", "issue"};

/// Waits until `is_so` says yes. @return how long it took; −1, and a line on stderr: it never did.
double wait_ms(const std::function<bool()>& is_so, double limit_ms = 60'000) {
  const auto start = Clock::now();
  while (!is_so()) {
    if (ms_since(start) > limit_ms) {
      std::fprintf(stderr, "bench: waited for %.0f ms in vain\n", limit_ms);
      return -1;
    }
    std::this_thread::sleep_for(std::chrono::microseconds(500));
  }
  return ms_since(start);
}

/// One server and one question, asked by several clients for a while.
struct Asked {
  std::string name;
  uint16_t port = 0;
  int pid = 0;
  std::string token;
  std::string path;
  std::string body;
};

struct Cost {
  double cpu_us = 0;  ///< of the server, a request
  double p50_ms = 0;
  double p99_ms = 0;
  double per_second = 0;
  int failed = 0;
};

Cost ask(const Asked& asked, double ms) {
  std::vector<std::vector<double>> times(kClients);
  std::atomic<int> failed{0};
  std::vector<std::thread> threads;
  const double before = cpu_ms(asked.pid);
  const auto start = Clock::now();
  for (std::size_t client = 0; client < kClients; ++client) {
    threads.emplace_back([&, client] {
      ApiClient caller(asked.port, asked.token);
      while (ms_since(start) < ms) {
        const auto begun = Clock::now();
        if (caller.call("POST", asked.path, asked.body).status != 200) ++failed;
        times[client].push_back(ms_since(begun));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const double all_ms = ms_since(start);
  std::vector<double> all;
  for (const auto& part : times) all.insert(all.end(), part.begin(), part.end());
  const auto count = static_cast<double>(all.size());
  return {(cpu_ms(asked.pid) - before) * 1000 / count, percentile(all, 50), percentile(all, 99),
          count * 1000 / all_ms, failed};
}

/// @param per_core  how many a second and core of the server are aimed at.
/// @param cpu_us  what one may cost; 0: what that many leave.
void report_asked(const Asked& asked, double per_core, double cpu_us = 0) {
  ask(asked, 300);  // warm
  const Cost cost = ask(asked, 3000);
  report(asked.name + ", CPU a request", "us", cost.cpu_us, "target", cpu_us > 0 ? cpu_us : 1e6 / per_core);
  report(asked.name + ", a second and core of the server", "1/s", 1e6 / cost.cpu_us, "target", per_core);
  report(asked.name + ", 4 clients", "1/s", cost.per_second);
  report(asked.name + ", p50", "ms", cost.p50_ms);
  report(asked.name + ", p99", "ms", cost.p99_ms, "target", 1);
  if (cost.failed > 0) report(asked.name + " failed", "requests", cost.failed);
}

/// Questions of ours: every action on every record.
std::string questions(const std::vector<std::string>& invoices, const std::vector<std::string>& actions) {
  Json list = Json::array();
  for (const std::string& invoice : invoices) {
    for (const std::string& action : actions)
      list.push(Json::object({{"action", action}, {"type", "invoice"}, {"id", invoice}}));
  }
  return Json::object({{"questions", std::move(list)}}).to_string();
}

/// The same in Cerbos's words; it is told the records.
std::string cerbos_questions(int records, const std::vector<std::string>& actions) {
  Json names = Json::array();
  for (const std::string& action : actions) names.push(action);
  Json resources = Json::array();
  for (int i = 0; i < records; ++i) {
    const Json attributes =
        Json::object({{"state", "draft"}, {"created_by", i % 2 == 0 ? "ann" : "bob"}, {"client", "acme"}});
    const Json resource =
        Json::object({{"kind", "invoice"}, {"id", "i" + std::to_string(i)}, {"attr", attributes}});
    resources.push(Json::object({{"actions", names}, {"resource", resource}}));
  }
  const Json principal =
      Json::object({{"id", "ann"}, {"roles", Json::array({"accountant"})}, {"attr", Json::object()}});
  return Json::object({{"principal", principal}, {"resources", std::move(resources)}}).to_string();
}

bool answers(const CerbosServer& cerbos, bool may_approve) {
  ApiClient caller(cerbos.port());
  const Answer answer = caller.call("POST", "/api/check/resources", cerbos_questions(2, {"approve"}));
  if (answer.status != 200) return false;
  const Json& result = answer.json["results"].items().at(1)["actions"]["approve"];
  return (result.string() == "EFFECT_ALLOW") == may_approve;
}

void bench_cerbos() {
  if (CerbosServer::program().empty()) {
    std::fprintf(stderr, "bench: Cerbos cannot be installed here; its figures are left out\n");
    return;
  }
  {
    CerbosServer cerbos;
    if (wait_ms([&] { return answers(cerbos, true); }) < 0) {
      std::fprintf(stderr, "bench: Cerbos: %s\n", cerbos.errors().c_str());
      return;
    }
    const std::string path = "/api/check/resources";
    report_asked(
        {"Cerbos, one question", cerbos.port(), cerbos.pid(), "", path, cerbos_questions(1, {"approve"})},
        50'000);
    report_asked({"Cerbos, 50 records × 5 actions", cerbos.port(), cerbos.pid(), "", path,
                  cerbos_questions(kRecords, kActions)},
                 12'000);
    report("Cerbos, memory", "MB", resident_mb(cerbos.pid()));
    cerbos.write_invoice_rules(false);
    report("Cerbos, one changed file in force after", "ms", wait_ms([&] { return answers(cerbos, false); }),
           "target", 100);
  }
  const auto start = Clock::now();
  CerbosServer large(kCerbosDocuments);
  const double ready = wait_ms([&] { return !large.is_running() || answers(large, true); }, 300'000);
  report("Cerbos, " + std::to_string(kCerbosDocuments) + " documents, start to the first decision", "ms",
         ready < 0 ? ready : ms_since(start));
  report("Cerbos, " + std::to_string(kCerbosDocuments) + " documents, CPU of it", "ms", cpu_ms(large.pid()));
  report("Cerbos, " + std::to_string(kCerbosDocuments) + " documents, memory", "MB",
         resident_mb(large.pid()));
}

/// Whether the accountant may approve: what the edited file decides.
bool may_approve(ApiClient& ann, const std::string& body) {
  const Answer answer = ann.call("POST", "/api/v1/access/check", body);
  return answer.status == 200 && answer.json["answers"].items().at(0)["allowed"].boolean();
}

/// Nobody may approve the one invoice with this reference: what the shipped tests say stays so.
std::string deny_rule(const std::string& reference) {
  return "invoice:\n  rules:\n    - {deny: approve, to: everyone, id: " + reference +
         ", when: [reference is not empty, reference is " + reference + "]}\n";
}

void bench_changed_file(Business& business, ApiClient& ann, const std::string& body) {
  const std::string path = "config/policies/rules/zz_bench.yaml";
  std::vector<double> times;
  for (int round = 0; round < 10; ++round) {
    const bool is_denied = round % 2 == 0;
    business.talon.directory().write(path, is_denied ? deny_rule("bench") : "invoice:\n  rules: []\n");
    times.push_back(wait_ms([&] { return may_approve(ann, body) != is_denied; }, 5000));
  }
  report("one changed file in force after, p50 of 10", "ms", percentile(times, 50), "target", 100);
  report("one changed file in force after, worst", "ms", percentile(times, 100));
}

/// Partners' own files, four rules each; then a change of one more file.
void bench_documents(Business& business, ApiClient& ann, const std::string& body) {
  std::vector<std::string> parties;
  std::string made =
      "with recursive n(i) as (select 1 union all select i + 1 from n where i < " +
      std::to_string(kDocuments) +
      ") insert into parties (id, version, created_at, updated_at, number, name, is_partner) select "
      "900000 + i, 1, 0, 0, 'PT' || i, 'Partner ' || i, 1 from n";
  const auto done =
      support::run_program({"sqlite3", "-cmd", ".timeout 20000", business.talon.data("talon.db"), made});
  if (!done || done->code != 0) {
    std::fprintf(stderr, "documents: %s\n", done ? done->errors.c_str() : "no sqlite3");
    return;
  }
  const double memory = resident_mb(business.talon.pid());
  const double before = cpu_ms(business.talon.pid());
  const auto start = Clock::now();
  for (int i = 1; i <= kDocuments; ++i) {
    std::string rules;
    for (const char* action : {"send", "approve", "credit", "issue"})
      rules += "    - {deny: " + std::string(action) + ", to: everyone, except: admin, when: [net_total > " +
               std::to_string(1000 + i) + " EUR]}\n";
    business.talon.directory().write(
        "config/policies/partners/pt" + std::to_string(i) + ".yaml",
        "for partner: PT" + std::to_string(i) + "\ninvoice:\n  rules:\n" + rules);
  }
  const double writing_ms = ms_since(start);
  // The last word: with it in force, all before it are.
  business.talon.directory().write("config/policies/rules/zz_last.yaml", deny_rule("bench"));
  const double cpu_written = cpu_ms(business.talon.pid());
  double slowest = 0;
  const double in_force = wait_ms(
      [&] {
        const auto asked = Clock::now();
        const bool is_in_force = !may_approve(ann, body);
        slowest = std::max(slowest, ms_since(asked));
        return is_in_force;
      },
      120'000);
  // What comes after the first answer counts too: the entry in the audit log, and giving room back.
  std::this_thread::sleep_for(std::chrono::seconds(2));
  std::fprintf(stderr, "documents: written in %.0f ms, %.0f ms of CPU meanwhile\n", writing_ms,
               cpu_written - before);
  report("reload of 10,000 documents, 40,000 rules: in force after", "ms", in_force);
  const double cpu_reload = cpu_ms(business.talon.pid()) - cpu_written;
  report("reload of 10,000 documents: CPU", "ms", cpu_reload, "target", 1000);
  report("reload of 10,000 documents: slowest decision meanwhile", "ms", slowest);
  report("reload of 10,000 documents: memory more", "MB", resident_mb(business.talon.pid()) - memory,
         "target", 30);
}

/// One server with an accountant and drafts for the questions.
class Asking {
 public:
  Asking() {
    business_.open();
    business_.person("ann", "accountant");
    token_ = business_.talon.sign_in("ann@talon.test");
    for (int i = 0; i < kRecords; ++i) invoices_.push_back(business_.draft(*business_.admin, business_.acme));
    const std::string invoice = "/api/v1/invoices/" + invoices_[0];
    const std::string version = "If-Match: " + business_.admin->get(invoice).headers["etag"] + "\r\n";
    const Answer named = business_.admin->call("PATCH", invoice, R"({"reference":"bench"})", version);
    if (named.status != 200) std::fprintf(stderr, "reference: %s\n", named.text.c_str());
    one_ = questions({invoices_[0]}, {"approve"});
  }

  void questions_asked() {
    const std::string path = "/api/v1/access/check";
    const auto port = business_.talon.port();
    const auto pid = business_.talon.pid();
    report_asked({"POST /access/check, one question", port, pid, token_, path, one_}, 50'000, 15);
    report_asked({"POST /access/check, 50 records × 5 actions", port, pid, token_, path,
                  questions(invoices_, kActions)},
                 12'000);
    report_asked({"POST /access/plan", port, pid, token_, "/api/v1/access/plan",
                  R"({"action":"edit","type":"invoice"})"},
                 50'000);
  }

  void changes() {
    ApiClient ann(business_.talon.port(), token_);
    bench_changed_file(business_, ann, one_);
    std::filesystem::remove(business_.talon.config("policies/rules/zz_bench.yaml"));
    wait_ms([&] { return may_approve(ann, one_); }, 5000);
  }

  void documents() {
    ApiClient ann(business_.talon.port(), token_);
    bench_documents(business_, ann, one_);
  }

 private:
  Business business_;
  std::string token_;
  std::vector<std::string> invoices_;
  std::string one_;
};

}  // namespace
}  // namespace talon::bench

/// @param arguments  one part alone: check, changed, documents or cerbos; none: all.
int main(int count, char** arguments) {
  const std::string part = count > 1 ? arguments[1] : "all";
  const auto wants = [&](const char* name) { return part == "all" || part == name; };
  if (part != "cerbos") {
    talon::bench::Asking talon;
    if (wants("check")) talon.questions_asked();
    if (wants("changed")) talon.changes();
    if (wants("documents")) talon.documents();
  }
  if (wants("cerbos")) talon::bench::bench_cerbos();
  return 0;
}
