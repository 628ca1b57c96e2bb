/// Seeing what somebody else sees, in their place: reading only, with their rights alone, logged as such.
#include "host/http/api.hpp"

#include <talon/id.hpp>

namespace talon::http {

namespace {

constexpr std::string_view kHeader = "Talon-View-As";

/// What only reads. Whatever is new is refused until somebody puts it here.
bool is_for_looking(Operation operation) {
  switch (operation) {
    case Operation::List:
    case Operation::Get:
    case Operation::History:
    case Operation::ByExternal:
    case Operation::Changes:
    case Operation::Me:
    case Operation::Reports:
    case Operation::Report:
    case Operation::Plugins:
    case Operation::Plugin:
    case Operation::OpenApi:
      return true;
    default:
      return false;
  }
}

}  // namespace

bool Api::is_view_as(const Context& context) { return !context.request.header(kHeader).empty(); }

Result<void> Api::view_as(Context& context) {
  if (!is_view_as(context)) return {};
  if (!is_for_looking(context.route->operation) || context.request.method != "GET") {
    return denied(
        "who sees with another's eyes only looks; leave `--as` (the header Talon-View-As) out to act "
        "yourself");
  }
  if (context.route->is_open) return {};  // the same for everybody
  const std::string whom(context.request.header(kHeader));
  const auto user = parse_id(whom, "usr");
  if (!user) return invalid("Talon-View-As names a user by id, as in usr_06b1x2y3z4a5b");
  gate::Principal& own = context.call.principal;
  const records::Question question{"view_as", "user", whom};
  TALON_TRY(const bool may_view_as, parts_.records->check(context.call, question));
  if (!may_view_as)
    return denied("you may not see what " + whom + " sees; it takes the right user.view_as on them");
  TALON_DO(parts_.gate->require_proof(own, "view_as", "user"));
  gate::Principal seen;
  seen.kind = gate::Principal::Kind::User;
  seen.user = *user;
  seen.simulated_by = own.user;
  own = std::move(seen);
  return {};
}

}  // namespace talon::http
