/// Actions of the built-in record types, beside those of plugins.
#pragma once

#include "host/records/records.hpp"
#include "host/runtime/clock.hpp"

namespace talon::identity {

/// session.end, token.revoke, user.end_sessions; everything else goes to `plugins`. @threads any.
class HostActions : public records::ActionRunner {
 public:
  /// Both outlive this.
  HostActions(records::ActionRunner& plugins, const runtime::Clock& clock) : plugins_(plugins), clock_(clock) {}

  Result<std::string> run(const gate::Call& call, const model::RecordType& type, std::string_view id,
                          std::string_view action, const Json& input) override;

 private:
  records::ActionRunner& plugins_;
  const runtime::Clock& clock_;
};

}  // namespace talon::identity
