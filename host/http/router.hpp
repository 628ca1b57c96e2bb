/// The table of all addresses, made from the model: what is not in it does not exist.
#pragma once

#include <talon/model.hpp>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace talon::http {

/// What an address does.
enum class Operation {
  List,
  Create,
  Batch,
  Get,
  Change,
  Delete,
  Act,
  ActOnType,
  History,
  ByExternal,
  Changes,
  Events,
  SignIn,
  SignInWays,
  SignInWith,
  SignInReturn,
  SignOut,
  Me,
  RequestPassword,
  Prove,
  BeginSecondFactor,
  ConfirmSecondFactor,
  RecoveryCodes,
  IssueToken,
  RotateToken,
  RevokeToken,
  Check,
  Explain,
  Plan,
  Reports,
  Report,
  Plugins,
  Plugin,
  ControlPlugin,
  Command,
  OpenApi
};

struct Route {
  std::string method;   ///< "GET"
  std::string pattern;  ///< "/api/v1/invoices/{id}/issue"
  Operation operation;
  std::string type;                        ///< record type; empty for those that belong to none
  std::string action;                      ///< of Act, ActOnType and ControlPlugin
  bool is_open = false;                    ///< answered without a sign-in
  bool is_for_unproven = false;            ///< answered while the second factor is still missing
  std::vector<std::string> segments = {};  ///< of the pattern below /api/v1; "{…}" takes any one
};

/// Immutable; shared by threads.
class Router {
 public:
  /// All addresses of this model.
  static std::shared_ptr<const Router> make(std::shared_ptr<const model::Model> model);

  const std::vector<Route>& routes() const { return routes_; }
  const model::Model& model() const { return *model_; }
  std::shared_ptr<const model::Model> shared_model() const { return model_; }

  struct Match {
    const Route* route = nullptr;         ///< null: no such address or method
    std::vector<std::string> parameters;  ///< what stood for each {…}
    std::string allowed;                  ///< methods of the address, "GET, POST"; empty: no such address
  };
  /// @param segments  decoded, those of "/api/v1" included.
  Match find(std::string_view method, const std::vector<std::string>& segments) const;

 private:
  void add(std::string method, std::string_view path, Operation operation);
  void add_type(const model::RecordType& type);
  void add_fixed();

  std::shared_ptr<const model::Model> model_;
  std::vector<Route> routes_;
  std::map<std::string, std::vector<std::size_t>, std::less<>>
      by_first_;  // first segment → routes, literal ones first
};

}  // namespace talon::http
