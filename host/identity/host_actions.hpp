/// Actions of the built-in record types, beside those of plugins.
#pragma once

#include "host/identity/links.hpp"
#include "host/identity/removal.hpp"
#include "host/records/records.hpp"
#include "host/runtime/clock.hpp"

namespace talon::identity {

/// session.end, token.revoke, user.end_sessions, user.send_link, user.remove; everything else goes to
/// `plugins`. @threads any.
class HostActions : public records::ActionRunner {
 public:
  /// All outlive this.
  HostActions(records::ActionRunner& plugins, const runtime::Clock& clock, const Links& links,
              const Removal& removal)
      : plugins_(plugins), clock_(clock), links_(links), removal_(removal) {}

  Result<std::string> run(const gate::Call& call, const model::RecordType& type, std::string_view id,
                          std::string_view action, const Json& input) override;

 private:
  records::ActionRunner& plugins_;
  const runtime::Clock& clock_;
  const Links& links_;
  const Removal& removal_;
};

}  // namespace talon::identity
