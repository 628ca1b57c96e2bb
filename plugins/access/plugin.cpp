/// Registers what the access plugin offers: authorizer, login, the policies' language, and its commands.
#include "accounts.hpp"
#include "activation.hpp"
#include "invitations.hpp"
#include "outside_roles.hpp"
#include "policy_commands.hpp"
#include "reader.hpp"
#include "review_command.hpp"
#include "user_check.hpp"

#include <talon/plugin.hpp>

namespace talon::access {

class Access : public Plugin, public AuthorizerOffer, public LoginOffer {
 public:
  explicit Access(Host& host)
      : Plugin(host),
        authority_(host),
        accounts_(host, authority_),
        invitations_(host, authority_),
        policies_(host, authority_),
        activation_(host, authority_),
        review_(host, authority_) {
    activation_.configure();
    for (const char* name : {"check", "test"}) {
      on_command(name,
                 [this](CommandRequest& request, Output& out) { return give(policies_.test(request), out); });
    }
    on_command("table",
               [this](CommandRequest& request, Output& out) { return give(policies_.table(request), out); });
    on_command("diff",
               [this](CommandRequest& request, Output& out) { return give(policies_.diff(request), out); });
    on_command("review", [this](CommandRequest& request, Output& out) { return review_.run(request, out); });
    on_command("activate", [this](CommandRequest& request, Output& out) -> Result<void> {
      TALON_TRY(const Json caller, request.records.principal());
      return give(activation_.activate(caller), out);
    });
    on_command("shadow", [this](CommandRequest&, Output& out) { return give(activation_.shadow(), out); });
    on_command("explain", [this](CommandRequest& request, Output& out) -> Result<void> {
      TALON_TRY(const Question question, read_question(request.args));
      return give(named(authority_.explain(question)), out);
    });
    on_command("who_can", [this](CommandRequest& request, Output& out) -> Result<void> {
      TALON_TRY(const Question question, read_question(request.args));
      return give(named(authority_.who_can(question)), out);
    });
    on_command("invite", [this](CommandRequest& request, Output& out) {
      return give(invitations_.invite(request.args, request.records), out);
    });
    on_command("check_user", [this](CommandRequest& request, Output&) -> Result<void> {
      TALON_TRY(const std::shared_ptr<const CompiledSet> set, authority_.set());
      return check_user(this->host(), *set, request.records, authority_.people(), request.args);
    });
    on_command("fit_roles", [this](CommandRequest& request, Output& out) {
      return give(fit_roles(authority_, request.args), out);
    });
    on_command("measure_password", [this](CommandRequest& request, Output& out) {
      return give(accounts_.measure_password(request.args), out);
    });
    on_command("set_password", [this](CommandRequest& request, Output& out) -> Result<void> {
      TALON_TRY(const Json caller, request.records.principal());
      return give(accounts_.set_password(request.args, caller), out);
    });
    on_command("reset_password", [this](CommandRequest& request, Output& out) -> Result<void> {
      TALON_DO(invitations_.require_reach(request.args["user"].string(), request.records));
      return give(accounts_.reset_password(request.args), out);
    });
    on_command("bootstrap", [this](CommandRequest& request, Output& out) {
      return give(accounts_.bootstrap(request.args), out);
    });
  }

  Result<void> start() override { return activation_.start(); }

  bool owns_documents() const override { return true; }
  Result<Mistakes> check_written(std::string_view documents, const model::Model& model) override {
    Mistakes mistakes;
    if (auto set = Authority::prepare(documents, model, mistakes); !set) return set.error();
    return mistakes;
  }
  Result<Mistakes> load_written(std::string_view documents, const model::Model& model) override {
    return authority_.load(documents, model);
  }
  std::string documents_in_force() const override { return authority_.hash_in_force(); }

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
  /// Whoever may ask these questions is told what of the question is not there; the address is.
  static Result<Json> named(Result<Json> answer) {
    if (!answer && answer.error().code == Code::NotFound) return invalid(answer.error().message);
    return answer;
  }

  Authority authority_;
  Accounts accounts_;
  Invitations invitations_;
  PolicyCommands policies_;
  Activation activation_;
  ReviewCommand review_;
};

}  // namespace talon::access

TALON_PLUGIN(talon::access::Access, "access", "1.0.0");
