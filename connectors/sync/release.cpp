/// Takes deliveries out of the states that hold their lanes.
#include "release.hpp"

#include "convert.hpp"

#include <talon/text.hpp>

namespace talon::sync {
namespace {

void add_release(ChangeSet& changes, const Record& delivery, Release as) {
  ChangeSet::Fields fields = {{"state", "dismissed"}};
  if (as == Release::Retry) fields = {{"state", "waiting"}, {"next_at", Value()}};
  changes.change("sync_delivery", delivery.integer("id"), delivery.integer("version"), fields);
}

}  // namespace

Result<ChangeSet> release(const ActionRequest& request, Release as) {
  TALON_TRY(const Record delivery,
            request.records.get("sync_delivery", request.id, {"id", "version", "state"}));
  const std::string state = delivery.text("state");
  const bool is_held = state == "failed" || state == "conflict";
  const bool is_retry = as == Release::Retry;
  if (!is_held && !(is_retry && state == "waiting")) {
    return failed_precondition(request.id + " is " + state +
                               "; only a delivery that failed or is in conflict is " +
                               (is_retry ? "tried again" : "dismissed"));
  }
  ChangeSet changes;
  add_release(changes, delivery, as);
  return changes;
}

Result<int64_t> retry_all(const Records& records, const Connector& connector, const std::string& stream) {
  int64_t count = 0;
  for (const Stream& one : connector.streams) {
    if (!one.is_out || (!stream.empty() && one.name != stream)) continue;
    const Query query{"sync_delivery",
                      {"id", "version"},
                      "connector is " + text_literal(connector.name) + " and stream is " +
                          text_literal(one.name) +
                          " and (state in [failed, conflict] or state is waiting and next_at is not empty)"};
    TALON_TRY(const std::vector<Record> found, records.query(query));
    for (const Record& delivery : found) {
      ChangeSet changes;
      add_release(changes, delivery, Release::Retry);
      TALON_DO(records.apply(changes));
      ++count;
    }
  }
  return count;
}

}  // namespace talon::sync
