/// `talon policy diff` of a one-line change over 1,000 people and 100,000 invoices (X-02: under 10 s).
#include "tests/bench/report.hpp"
#include "tests/support/business.hpp"

#include <talon/id.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace talon::support {
namespace {

constexpr int64_t kPeople = 1000;
constexpr int64_t kInvoices = 100000;
constexpr int64_t kClients = 500;
constexpr int64_t kFirst = INT64_C(900000000000);  // ids that nobody else gives out in a test's lifetime

class DiffBench {
 public:
  void run() {
    business_.open();
    business_.person("pat", "accountant");
    business_.person("clio", "client", Json::object({{"client", Json::array({business_.acme})}}));
    invoice_ = business_.draft(*business_.admin, business_.acme);
    TALON_CHECK(business_.talon.stop() == 0);
    fill();
    TALON_CHECK(static_cast<bool>(business_.talon.start()));
    const std::string token = business_.talon.admin();
    // One line of each kind: an action of the accountants, and one field and one condition of the clients.
    measure("an_action", "    - allow: [issue, issue_many, send, credit]\n",
            "    - allow: [issue, issue_many, send]\n", token);
    measure("a_condition", "      when:\n        - state is issued\n    - allow: [view, export]\n",
            "    - allow: [view, export]\n", token);
    measure("a_field", "    - hide: snapshot\n", "    - hide: [snapshot, net_total]\n", token);
  }

 private:
  void measure(const char* name, const std::string& from, const std::string& to, const std::string& token) {
    const std::string folder = business_.talon.directory().file("new-policies");
    std::filesystem::remove_all(folder);
    std::filesystem::copy(business_.talon.config("policies"), folder,
                          std::filesystem::copy_options::recursive);
    std::filesystem::remove_all(folder + "/tests");
    const std::string file = folder + "/rules/invoicing.yaml";
    std::ifstream in(file);
    std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    const std::size_t at = text.find(from);
    TALON_CHECK(at != std::string::npos);
    text.replace(at, from.size(), to);
    std::ofstream(file) << text;
    const std::string token_file = business_.talon.directory().file("token");
    std::ofstream(token_file) << token << "\n";
    std::filesystem::permissions(token_file,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    const auto samples = bench::time_ns(1, 1, [&](int) {
      const auto done =
          run_program({std::string(TALON_BUILD_DIR) + "/bin/talon", "policy", "diff", "current", folder,
                       "--json", "--server", "http://127.0.0.1:" + std::to_string(business_.talon.port()),
                       "--token-file", token_file});
      TALON_CHECK(done && done->code == 0);
      const Json answer = *Json::parse(done->output);
      int64_t records = 0;
      for (const Json& change : answer["changes"].items()) records += change["records"].integer();
      std::fprintf(stderr, "%s: %lld people, %zu changes on %lld records\n", name,
                   static_cast<long long>(answer["people"].integer()), answer["changes"].items().size(),
                   static_cast<long long>(records));
    });
    bench::report(std::string("access.diff.1000x100000.") + name, "s", bench::percentile(samples, 50) / 1e9,
                  "target", 10);
  }

  std::string sql(const std::string& text) const {
    const auto done = run_program({"sqlite3", business_.talon.data("talon.db"), text});
    TALON_CHECK(done && done->code == 0);
    return done->output.substr(0, done->output.find('\n'));
  }

  /// Copies of one row, with other values in some columns.
  void copy(const std::string& table, const std::string& where, int64_t count,
            const std::map<std::string, std::string>& other) const {
    const std::string columns =
        sql("select group_concat('\"' || name || '\"') from pragma_table_info('" + table + "')");
    std::string values = columns;
    for (const auto& [column, value] : other) {
      const std::string quoted = "\"" + column + "\"";
      values.replace(values.find(quoted), quoted.size(), value);
    }
    sql("with recursive n(i) as (select 0 union all select i + 1 from n where i < " +
        std::to_string(count - 1) + ") insert into " + table + " (" + columns + ") select " + values +
        " from n, (select * from " + table + " where " + where + " limit 1)");
  }

  void fill() const {
    const std::string first = std::to_string(kFirst);
    copy("parties", "number = 'A-1'", kClients, {{"id", first + " + i"}, {"number", "'P' || i"}});
    copy("invoices", "id = " + std::to_string(*parse_id(invoice_)), kInvoices,
         {{"id", first + " + i"},
          {"client", first + " + i % " + std::to_string(kClients)},
          {"state", "case i % 3 when 0 then 'draft' when 1 then 'approved' else 'issued' end"}});
    const std::string pat = sql("select id from users where email like 'pat@%'");
    copy("users", "id = " + pat, kPeople, {{"id", first + " + i"}, {"email", "'u' || i || '@example.com'"}});
    const std::string half = std::to_string(kClients);
    copy("user_roles", "\"user\" = " + pat, kPeople,
         {{"id", first + " + i"},
          {"user", first + " + i"},
          {"role", "case when i < " + half + " then 'client' else 'accountant' end"}});
    // Ids as texts are the program's own matter; a party's number serves as well.
    copy("user_facts", "1 = 1", kClients,
         {{"id", first + " + i"}, {"user", first + " + i"}, {"value", "'P' || i"}});
  }

  Business business_;
  std::string invoice_;
};

}  // namespace
}  // namespace talon::support

int main() {
  talon::support::DiffBench().run();
  return EXIT_SUCCESS;
}
