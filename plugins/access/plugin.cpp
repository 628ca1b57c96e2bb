/// Registers what the access plugin offers: authorizer, login, the policies' language, and its commands.
#include "accounts.hpp"
#include "invitations.hpp"
#include "reader.hpp"

#include <talon/plugin.hpp>

namespace talon::access {

class Access : public Plugin, public AuthorizerOffer, public LoginOffer {
 public:
  explicit Access(Host& host)
      : Plugin(host), authority_(host), accounts_(host, authority_), invitations_(host, authority_) {
    on_command("check", [this](CommandRequest& request, Output& out) { return test(request, out); });
    on_command("test", [this](CommandRequest& request, Output& out) { return test(request, out); });
    on_command("explain", [this](CommandRequest& request, Output& out) -> Result<void> {
      TALON_TRY(const Question question, read_question(request.args));
      return give(authority_.explain(question), out);
    });
    on_command("who_can", [this](CommandRequest& request, Output& out) -> Result<void> {
      TALON_TRY(const Question question, read_question(request.args));
      return give(authority_.who_can(question), out);
    });
    on_command("invite", [this](CommandRequest& request, Output& out) {
      return give(invitations_.invite(request.args, request.records), out);
    });
    on_command("measure_password", [this](CommandRequest& request, Output& out) {
      return give(accounts_.measure_password(request.args), out);
    });
    on_command("set_password", [this](CommandRequest& request, Output& out) -> Result<void> {
      TALON_TRY(const Json caller, request.records.principal());
      return give(accounts_.set_password(request.args, caller), out);
    });
    on_command("reset_password", [this](CommandRequest& request, Output& out) {
      return give(accounts_.reset_password(request.args), out);
    });
    on_command("bootstrap", [this](CommandRequest& request, Output& out) {
      return give(accounts_.bootstrap(request.args), out);
    });
  }

  bool owns_documents() const override { return true; }
  Mistakes check(const std::vector<Document>& documents, const model::Model& model) override {
    Mistakes mistakes;
    static_cast<void>(Authority::prepare(documents, model, mistakes));
    return mistakes;
  }
  Mistakes load(const std::vector<Document>& documents, const model::Model& model) override {
    return authority_.load(documents, model);
  }

  Result<std::string> plan(const Json& principal, std::string_view action, std::string_view type) override {
    return authority_.plan(principal, action, type);
  }
  Result<std::string> explain(const Json& question) override {
    TALON_TRY(const Question read, read_question(question));
    TALON_TRY(const Json answer, authority_.explain(read));
    return answer.to_string();
  }
  Result<std::string> verify(const Json& credentials) override { return accounts_.verify(credentials); }

 private:
  static Result<void> give(const Result<Json>& answer, Output& out) {
    if (!answer) return answer.error();
    return out.write(answer->to_string());
  }

  /// {"documents": as talon/document.hpp writes them}, judged against the host's model; without them the set
  /// in force.
  Result<void> test(CommandRequest& request, Output& out) {
    Mistakes mistakes;
    TestReport report;
    if (request.args["documents"].is_null()) {
      TALON_TRY(const std::shared_ptr<const CompiledSet> set, authority_.set());
      report = run_tests(*set, mistakes);
    } else {
      TALON_TRY(const std::vector<Document> documents, read_documents(request.args["documents"].to_string()));
      TALON_TRY(const model::Model model, host().model());
      static_cast<void>(Authority::prepare(documents, model, mistakes, &report));
    }
    Json list = Json::array();
    for (const Mistake& mistake : mistakes) list.push(mistake.to_string());
    return out.write(Json::object({{"passed", report.assertions - report.failed},
                                   {"failed", report.failed},
                                   {"mistakes", std::move(list)}})
                         .to_string());
  }

  Authority authority_;
  Accounts accounts_;
  Invitations invitations_;
};

}  // namespace talon::access

TALON_PLUGIN(talon::access::Access, "access", "1.0.0");
