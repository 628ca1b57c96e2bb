/// Denials in the audit log: who tries what their rights do not hold is seen, and fills nothing.
#include "host/http/api.hpp"
#include "host/runtime/log.hpp"

namespace talon::http {

int64_t Api::count_left_out(const std::string& who, bool is_noted) {
  const std::lock_guard lock(mutex_);
  if (!is_noted) return ++left_out_[who];
  const auto found = left_out_.find(who);
  if (found == left_out_.end()) return 0;
  const int64_t count = found->second;
  left_out_.erase(found);
  return count;
}

void Api::note_denied(const Context& context, const Error& error) {
  const int64_t now = parts_.clock->now_us();
  const std::string who = context.call.principal.name();
  const std::string route = context.route->method + " " + context.route->pattern;
  // By route as well: cheap tries at one door do not hide those at another.
  const bool is_noted = denials_.take(who + " " + route, now) == 0;
  const int64_t left_out = count_left_out(who, is_noted);
  if (!is_noted) return;
  records::Records::Note note;
  note.type = context.route->type;
  note.action = "denied";
  note.content = Json::object({{"route", route},
                               {"path", context.request.path},
                               {"session", context.call.principal.json()["session"]},
                               {"roles", context.call.principal.json()["roles"]},
                               {"reason", error.message}});
  if (left_out > 0) note.content.set("left_out", left_out);
  if (auto noted = parts_.records->note(context.call, note); !noted) {
    const std::lock_guard lock(mutex_);
    left_out_[who] += left_out + 1;
    runtime::log().error("http.denial_not_noted", {{"reason", noted.error().message}});
  }
}

}  // namespace talon::http
