/// How fast the audit log answers at a million entries.
///
/// The million is written into a real installation's database as the sealer would have left it; everything
/// measured goes through talond or the command line.
#include "plugins/audit/entry.hpp"
#include "tests/bench/report.hpp"
#include "tests/bench/sql.hpp"
#include "tests/support/business.hpp"

#include <talon/id_list.hpp>

#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <thread>
#include <vector>

namespace talon::bench {
namespace {

using support::Answer;
using support::ApiClient;
using support::Business;

constexpr int64_t kEntries = 1'000'000;
constexpr int kUsers = 50;
constexpr int kRecords = 20'000;

/// Where the ids in the log begin, so that those asked about are of a record and a person that are there.
int64_t first_record = 0;
int64_t first_user = 0;

int64_t number_of(int64_t i) { return first_record + i * 7919 % kRecords; }
std::string record_of(int64_t i) { return id_text("inv", number_of(i)); }
std::string user_of(int64_t i) { return id_text("usr", first_user + i % kUsers); }

/// Half changes, half reads of five records each; some 400 bytes of content, as invoices have.
audit::Entry entry_of(int64_t i, int64_t start_us) {
  audit::Entry entry;
  entry.id = 5'000'000'000'000 + i;
  entry.at = start_us + i * 1'000;
  entry.principal = user_of(i);
  entry.channel = "api";
  entry.address = "192.0.2.7";
  entry.request = "req-" + std::to_string(i);
  entry.type = "invoice";
  entry.policy_set = "0123456789ab";
  if (i % 2 == 0) {
    entry.kind = "change";
    entry.action = "edit";
    entry.record = first_record + i % kRecords;
    entry.content = R"({"after":{"net_total":{"amount":")" + std::to_string(i) +
                    R"(.00","currency":"EUR"},"note":")" + std::string(150, 'a') +
                    R"("},"before":{"net_total":{"amount":"0.00","currency":"EUR"},"note":")" +
                    std::string(100, 'b') + R"("},"version":3})";
  } else {
    entry.kind = "read";
    entry.action = "view";
    std::set<int64_t> seen;
    for (int64_t k = 0; k < 5; ++k) seen.insert(number_of(i + k));
    entry.content = R"({"fields":["number","state","issue_date","gross_total"],"records":")";
    append_ids(entry.content, "inv", std::vector<int64_t>(seen.begin(), seen.end()));
    entry.content += R"(","where":""})";
  }
  audit::seal_content(entry);
  return entry;
}

/// Fills the log up behind what is in it already; talond is stopped.
void fill(Business& business) {
  const std::string newest =
      sql(business, "select seq || ' ' || chain from audit_entries order by seq desc limit 1");
  const int64_t first = std::atoll(newest.c_str());
  std::string chain = newest.substr(newest.find(' ') + 1);
  const std::string entries = business.talon.directory().file("entries.csv");
  const std::string sights = business.talon.directory().file("sights.csv");
  const int64_t start_us = 1'790'000'000'000'000;
  {
    std::ofstream out(entries);
    std::ofstream seen(sights);
    for (int64_t i = 0; i < kEntries; ++i) {
      audit::Entry entry = entry_of(i, start_us);
      chain = audit::chain_link(chain, entry.hash);
      std::string content = entry.content;
      for (std::size_t at = 0; (at = content.find('"', at)) != std::string::npos; at += 2)
        content.insert(at, 1, '"');
      out << entry.id << ",1," << entry.at << "," << entry.at << "," << entry.at << "," << entry.kind << ","
          << entry.principal << ",," << entry.channel << "," << entry.address << "," << entry.request << ","
          << entry.type << "," << entry.record << "," << entry.action << ",," << entry.policy_set << ",\""
          << content << "\"," << entry.salt << "," << entry.payload << "," << entry.hash << ","
          << first + i + 1 << "," << chain << "\n";
      if (entry.kind != "read") continue;
      for (int64_t k = 0; k < 5; ++k) {
        seen << 7'000'000'000'000 + i * 5 + k << ",1," << entry.at << "," << entry.at << ","
             << record_of(i + k) << ",invoice," << entry.principal << ",api,view," << entry.at << ","
             << entry.at << ",1\n";
      }
    }
  }
  // The worst case for the index: no two reads of a batch are alike, so that each has rows of its own.
  const auto made = support::run_program(
      {"sqlite3", business.talon.data("talon.db"),
       "create temp table "
       "e(id,v,c,u,at,kind,p,o,ch,a,r,t,rec,act,re,ps,content,salt,payload,hash,seq,chain); "
       "create temp table s(id,v,c,u,r,t,p,ch,a,f,l,n)",
       ".mode csv", ".import " + entries + " e", ".import " + sights + " s",
       "insert into audit_entries (id,version,created_at,updated_at,at,kind,principal,on_behalf_of,channel,"
       "address,request,type,record,action,reason,policy_set,content,salt,payload,hash,seq,chain) select "
       "cast(id as int),1,cast(c as int),cast(u as int),cast(at as int),kind,p,o,ch,a,r,t,cast(rec as "
       "int),act,"
       "re,ps,content,salt,payload,hash,cast(seq as int),chain from e",
       "insert into audit_sights "
       "(id,version,created_at,updated_at,record,type,principal,channel,action,first_at,"
       "last_at,reads) select cast(id as int),1,cast(c as int),cast(u as int),r,t,p,ch,a,cast(f as int),"
       "cast(l as int),cast(n as int) from s"});
  if (!made || made->code != 0)
    std::fprintf(stderr, "fill: %s\n", made ? made->errors.c_str() : "no sqlite3");
  std::filesystem::remove(entries);
  std::filesystem::remove(sights);
}

double time_command(Business& business, const char* name, const Json& args, Answer& answer) {
  const auto start = Clock::now();
  answer = business.admin->post(std::string("/api/v1/plugins/audit/commands/") + name, args);
  return ms_since(start);
}

/// A refusal is quick and is no figure.
void report_answered(const std::string& name, double ms, const Answer& answer) {
  if (answer.status != 200) {
    std::fprintf(stderr, "%s: %d %s\n", name.c_str(), answer.status, answer.text.c_str());
    return;
  }
  report(name, "ms", ms, "target", 2'000);
}

void bench_million() {
  Business business;
  business.open();
  first_record = *parse_id(business.draft(*business.admin, business.acme), "inv") - 7919 % kRecords;
  first_user = *parse_id(business.person("vic", "viewer"), "usr") - 1;
  std::this_thread::sleep_for(std::chrono::seconds(2));
  business.talon.stop();
  auto start = Clock::now();
  fill(business);
  std::fprintf(stderr, "filled in %.0f ms: %s entries\n", ms_since(start),
               sql(business, "select count(*) from audit_entries").c_str());
  if (const auto started = business.talon.start(); !started) {
    std::fprintf(stderr, "%s\n", started.error().message.c_str());
    return;
  }
  business.admin = std::make_unique<ApiClient>(business.talon.port(), business.talon.admin());
  // The sealer signs what it finds: the tree over a million entries is made once.
  const std::string count = "select count(*) from audit_checkpoints where seq > " + std::to_string(kEntries);
  for (int tries = 0; tries < 300 && sql(business, count) == "0"; ++tries)
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  Answer answer;
  double ms = time_command(business, "verify", Json::object(), answer);
  if (answer.status != 200) std::fprintf(stderr, "verify: %s\n", answer.text.c_str());
  report("audit verify, live, 1 M entries", "ms", ms, "target", 10'000);
  report("memory after it", "MB", resident_mb(business.talon.pid()));
  ms = time_command(business, "who_saw", Json::object({{"record", record_of(1)}}), answer);
  report_answered("who saw this record, 1 M entries", ms, answer);
  ms = time_command(business, "seen_by", Json::object({{"user", user_of(1)}}), answer);
  report_answered("what this user saw, 1 M entries", ms, answer);
  const std::string entry = id_text("aud", 5'000'000'000'000 + 777);
  ms = time_command(business, "prove", Json::object({{"entry", entry}}), answer);
  if (answer.status != 200) std::fprintf(stderr, "prove: %s\n", answer.text.c_str());
  report("inclusion proof, 1 M entries", "ms", ms);
  ms = time_command(business, "export", Json::object(), answer);
  report("export as JSON lines, 1 M entries", "ms", ms);
  report("memory after it", "MB", resident_mb(business.talon.pid()));
  const std::string file = business.talon.directory().write("export.jsonl", answer.text);
  answer = {};
  const auto verify_file = [&] {
    return support::run_program({std::string(TALON_BUILD_DIR) + "/bin/talon", "audit", "verify", file,
                                 "--key", business.talon.data("audit/audit.pub"), "--config",
                                 business.talon.config("talon.yaml")});
  };
  start = Clock::now();
  auto verified = verify_file();
  report("audit verify FILE, no server, 1 M entries", "ms", ms_since(start), "target", 10'000);
  if (!verified || verified->code != 0)
    std::fprintf(stderr, "%s\n", verified ? verified->errors.c_str() : "");
  struct rusage usage {};
  ::getrusage(RUSAGE_CHILDREN, &usage);
  {
    std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekg(static_cast<std::streamoff>(std::filesystem::file_size(file) / 2));
    std::string line;
    std::getline(bytes, line);
    const auto at = static_cast<std::streamoff>(bytes.tellg()) + 120;
    bytes.seekg(at);
    const int byte = bytes.get();
    bytes.seekp(at);
    bytes.put(static_cast<char>(byte ^ 1));
  }
  start = Clock::now();
  verified = verify_file();
  report("one flipped bit in a file of 1 M entries found", "ms", ms_since(start), "target", 10'000);
  std::fprintf(stderr, "flipped bit in the file: %s\n",
               verified ? (verified->output + verified->errors).c_str() : "");
  sql(business,
      "drop trigger audit_entries_append_only_update; update audit_entries set content = replace(content, "
      "'0.00', '1.00') where seq = (select min(seq) from audit_entries where seq > 700000 and kind = "
      "'change' and record >= " +
          std::to_string(first_record) + ")");
  ms = time_command(business, "verify", Json::object(), answer);
  std::fprintf(stderr, "changed row: %s\n", answer.text.c_str());
  report("one changed entry of 1 M found, live", "ms", ms, "target", 10'000);
}

}  // namespace
}  // namespace talon::bench

int main() {
  talon::bench::bench_million();
  return 0;
}
