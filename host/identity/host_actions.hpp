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

  void set_records(records::Records& records) { records_ = &records; }

  Result<std::string> run(const gate::Call& call, const model::RecordType& type, std::string_view id,
                          std::string_view action, const Json& input) override;
  Result<void> check(const gate::Call& call, const model::RecordType& type, std::string_view id,
                     const Json& body) override {
    return plugins_.check(call, type, id, body);
  }

 private:
  /// A token with fewer roles stands for a part of what its owner does: how they sign in is no part of it.
  Result<void> require_whole_owner(const gate::Call& call, const model::RecordType& type, int64_t id) const;

  records::ActionRunner& plugins_;
  const runtime::Clock& clock_;
  const Links& links_;
  const Removal& removal_;
  records::Records* records_ = nullptr;
};

}  // namespace talon::identity
