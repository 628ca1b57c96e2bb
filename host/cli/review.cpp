/// The review shown: table, CSV, JSON, or as a file of decisions to fill in.
#include "host/cli/review.hpp"

#include "host/cli/output.hpp"

#include <talon/csv.hpp>

#include <algorithm>
#include <map>

namespace talon::cli {

namespace {

const std::vector<std::string>& columns() {
  static const std::vector<std::string> kColumns = {
      "user",      "email",  "name",     "kind",      "grant",     "at",       "from",
      "until",     "reason", "given_by", "given_at",  "last_used", "last_use", "state",
      "ends_soon", "risks",  "proposal", "narrow_to", "why"};
  return kColumns;
}

std::string cell_words(const Json& value) {
  if (value.is_null()) return {};
  if (!value.is_array()) return cell_text(value);
  std::string text;
  for (const Json& item : value.items()) text += (text.empty() ? "" : "; ") + cell_text(item);
  return text;
}

void print_csv(std::ostream& out, const Json& grants) {
  const auto line = [&](const auto& cell) {
    std::string text;
    for (const std::string& column : columns()) {
      if (!text.empty()) text.push_back(',');  // the first is never empty
      append_csv_cell(text, cell(column));
    }
    out << text << "\r\n";
  };
  line([](const std::string& column) { return column; });
  for (const Json& grant : grants.items()) {
    line([&](const std::string& column) { return cell_words(grant[column]); });
  }
}

/// A text in double quotes as YAML reads it.
std::string quoted(std::string_view text) { return Json(text).to_string(); }

void print_template(std::ostream& out, const Json& grants) {
  out << "# keep, remove, or narrow with `to: ROLE` or `until: DAY`. Then: talon policy review --apply FILE\n"
         "decisions:\n";
  for (const Json& grant : grants.items()) {
    const std::string_view proposal = grant["proposal"].string();
    const bool is_whole = proposal != "narrow" || !grant["narrow_to"].string().empty();
    out << "  - {user: " << grant["user"].string() << ", email: " << quoted(grant["email"].string()) << ", "
        << grant["kind"].string() << ": " << quoted(grant["grant"].string())
        << ", at: " << quoted(grant["at"].string()) << ", decide: " << (is_whole ? proposal : "keep");
    if (proposal == "narrow" && is_whole) out << ", to: " << grant["narrow_to"].string();
    out << "}";
    const std::string why = cell_text(grant["why"]);
    if (!why.empty()) out << "  # " << (is_whole ? "" : "narrow? ") << grant["state"].string() << ": " << why;
    out << "\n";
  }
}

void print_review(std::ostream& out, const Json& grants) {
  std::vector<std::vector<std::string>> rows;
  for (const Json& grant : grants.items()) {
    const std::string email = cell_words(grant["email"]);
    std::string what = cell_words(grant["kind"]) + " " + cell_words(grant["grant"]);
    if (!grant["until"].is_null()) what += " until " + cell_words(grant["until"]);
    if (grant["ends_soon"].boolean()) what += " (soon)";
    const std::string given = cell_words(grant["given_at"]).substr(0, 10);
    std::string proposal = cell_words(grant["proposal"]);
    if (!cell_words(grant["narrow_to"]).empty()) proposal += " to " + cell_words(grant["narrow_to"]);
    rows.push_back({email.empty() ? cell_words(grant["user"]) : email, what, cell_words(grant["at"]),
                    given.empty() ? given : given + " by " + cell_words(grant["given_by"]),
                    cell_words(grant["last_used"]).substr(0, 10), cell_words(grant["last_use"]),
                    cell_words(grant["state"]), cell_words(grant["risks"]), proposal});
  }
  if (rows.empty()) return;
  print_table(out, {"who", "grant", "where", "given", "last used", "for", "state", "risks", "proposal"},
              rows);
}

}  // namespace

int show_review(Session& session, const PolicyReview& review) {
  Json args = Json::object({{"unused_for", review.unused_for}});
  Json users = Json::array();
  for (const std::string& user : review.users) users.push(user);
  if (!review.users.empty()) args.set("users", std::move(users));
  const auto answer =
      session.call({.method = "POST", .path = "/plugins/access/commands/review", .body = std::move(args)});
  if (!answer) return session.fail(answer.error());
  const Json& grants = (*answer)["grants"];
  if (review.is_template) {
    print_template(session.out(), grants);
    return kOk;
  }
  if (review.is_csv) {
    print_csv(session.out(), grants);
    return kOk;
  }
  if (session.options.is_json) return session.show(*answer);
  print_review(session.out(), grants);
  std::map<std::string, int, std::less<>> proposals;
  for (const Json& grant : grants.items()) ++proposals[std::string(grant["proposal"].string())];
  session.err() << grants.items().size() << " grants of " << (*answer)["people"].integer() << " people since "
                << (*answer)["since"].string().substr(0, 10) << ": " << proposals["keep"] << " to keep, "
                << proposals["narrow"] << " to narrow, " << proposals["remove"] << " to remove\n";
  return kOk;
}

}  // namespace talon::cli
