/// The door itself: its parts.
#include "host/records/records.hpp"

#include "host/records/inside.hpp"

namespace talon::records {

Records::Records(Parts parts) : inside_(std::make_unique<Inside>(std::move(parts))) {
  TALON_CHECK(inside_->parts.database != nullptr && inside_->parts.gate != nullptr);
  TALON_CHECK(inside_->parts.now_us && inside_->parts.today);
  set_model(inside_->parts.model);
}

Records::~Records() = default;

void Records::set_model(std::shared_ptr<const model::Model> model) {
  inside_->set_generation(Generation::make(std::move(model)));
}

std::shared_ptr<const model::Model> Records::model() const { return inside_->generation()->model; }

void Records::set_actions(ActionRunner* actions) { inside_->parts.actions = actions; }

void Records::set_read_log(ReadLog* read_log) { inside_->parts.read_log = read_log; }

}  // namespace talon::records
