/// The API: requests to calls of the rooms below, and their answers back. Nothing is judged here; the gate
/// does that.
#pragma once

#include "host/gate/gate.hpp"
#include "host/http/event_hub.hpp"
#include "host/http/message.hpp"
#include "host/http/router.hpp"
#include "host/http/static_files.hpp"
#include "host/identity/browser_sign_in.hpp"
#include "host/identity/links.hpp"
#include "host/identity/removal.hpp"
#include "host/identity/sessions.hpp"
#include "host/plugins/plugins.hpp"
#include "host/records/records.hpp"
#include "host/runtime/clock.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace talon::http {

/// The rooms that the API stands on; all outlive it.
struct ApiParts {
  records::Records* records = nullptr;
  gate::Gate* gate = nullptr;
  identity::Sessions* sessions = nullptr;
  identity::BrowserSignIn* browser_sign_in = nullptr;  ///< may be null in tests
  identity::SecondFactor* second_factor = nullptr;     ///< may be null in tests
  identity::Links* links = nullptr;                    ///< may be null in tests
  mail::Mailer* mailer = nullptr;                      ///< may be null in tests
  const identity::Removal* removal = nullptr;          ///< may be null in tests
  plugins::Plugins* plugins = nullptr;                 ///< may be null in tests
  const runtime::Clock* clock = nullptr;
  /// The OpenAPI document of a model, as JSON text; made once per model.
  std::function<std::string(const model::Model&)> openapi;
  /// Whether requests can be served, else why not, with a word that everybody may know as the details; for
  /// /readyz. What it gives is such a word for what is worse than it should be (empty: nothing), while all
  /// that is served is served right. Empty: always.
  std::function<Result<std::string>()> ready;
  std::string static_directory;  ///< the portal's files; empty: none
  bool reads_are_brief = false;  ///< the database is in this process: reading waits for no other machine
};

/// One request on its way through the API.
struct Context {
  Request& request;
  gate::Call call;
  std::shared_ptr<const Router> router;
  const Route* route = nullptr;
  const model::RecordType* type = nullptr;  ///< of routes that belong to one
  std::vector<std::string> parameters;      ///< of the route's {…}
  std::string token;                        ///< as presented; empty: none
  bool is_by_cookie = false;

  const model::Model& model() const { return router->model(); }
};

/// @threads any.
class Api : public Handler {
 public:
  explicit Api(ApiParts parts);
  ~Api() override;

  Response handle(Request& request) override;
  bool is_quick(const Request& request) const override;
  bool is_brief(const Request& request) const override;
  /// The table of the model in force.
  std::shared_ptr<const Router> router();
  /// Ends the event streams; before the rooms below go.
  void stop() { hub_.stop(); }

 private:
  Response answer(Request& request, std::string& pattern, std::string& who);
  Response dispatch(Context& context);
  Response health(const Request& request);
  Result<void> identify(Context& context);
  /// With the header Talon-View-As the caller becomes that user, for looking alone; nobody else's rights are
  /// added. @errors PermissionDenied: not for looking, or no right user.view_as on them.
  Result<void> view_as(Context& context);
  static bool is_view_as(const Context& context);
  /// Refused changes go into the audit log: somebody tried what their rights do not hold. Many of one kind
  /// are noted now and then; the principal's next note says as `left_out` how many were not.
  void note_denied(const Context& context, const Error& error);
  /// Counts one more denial without a note; for one that is noted: how many there were, which begin anew.
  int64_t count_left_out(const std::string& who, bool is_noted);

  // Records.
  Result<Response> list(Context& context);
  Result<Response> get(Context& context);
  Result<Response> create(Context& context);
  Result<Response> change(Context& context);
  Result<Response> remove(Context& context);
  Result<Response> act(Context& context);
  Result<Response> batch(Context& context);
  Result<Response> history(Context& context);
  Result<Response> by_external(Context& context);
  Result<Response> changes(Context& context);
  Result<Response> events(Context& context);
  Json batch_item(Context& context, const Json& item, std::size_t index);
  /// What has to happen at once after an action on a record.
  void follow_action(const model::RecordType& type, std::string_view action);
  // People and rights.
  Result<Response> sign_in(Context& context);
  Result<Response> sign_in_ways(Context& context);
  Result<Response> sign_in_with(Context& context);
  Result<Response> sign_in_return(Context& context);
  Result<Response> sign_out(Context& context);
  Result<Response> me(Context& context);
  Json rights_of(const Context& context);
  Result<Response> request_password(Context& context);
  Result<Response> prove(Context& context);
  Result<Response> begin_second_factor(Context& context);
  Result<Response> confirm_second_factor(Context& context);
  Result<Response> recovery_codes(Context& context);
  Result<Response> issue_token(Context& context);
  Result<Response> rotate_token(Context& context);
  Result<Response> revoke_token(Context& context);
  Result<Response> check(Context& context);
  Result<Response> explain(Context& context);
  Result<Response> plan(Context& context);
  // Plugins.
  Result<Response> reports(Context& context);
  Result<Response> report(Context& context);
  /// In which language labels are read: the request's, or else the person's own.
  Result<std::string> reading_language(const Context& context) const;
  Result<Response> list_plugins(Context& context);
  Result<Response> plugin(Context& context);
  Result<Response> control_plugin(Context& context);
  Result<Response> command(Context& context);
  Result<Response> openapi(Context& context);
  Result<void> require(const Context& context, std::string_view type, std::string_view action);
  Result<Response> run_command(const Context& context, std::string_view plugin, std::string_view command,
                               const Json& args, std::string content_type) const;

  ApiParts parts_;
  EventHub hub_;
  identity::Throttle denials_;  ///< by principal and route, so that nobody fills the audit log
  StaticFiles files_;
  std::mutex mutex_;                                   // of those below
  std::unordered_map<std::string, int64_t> left_out_;  // denials without a note, by principal
  std::shared_ptr<const Router> router_;
  const model::Model* described_ = nullptr;
  std::shared_ptr<const std::string> description_;
};

}  // namespace talon::http
