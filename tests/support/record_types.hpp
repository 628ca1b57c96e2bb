/// Record types made by hand, for tests that need a model of their own.
#pragma once

#include <talon/model.hpp>

#include <string>
#include <utility>
#include <vector>

namespace talon::support {

inline model::Field field(std::string name, model::FieldType type) {
  model::Field made;
  made.name = std::move(name);
  made.type = type;
  return made;
}

inline model::Field text(std::string name) { return field(std::move(name), model::FieldType::Text); }

inline model::Field ref(std::string name, std::string to) {
  model::Field made = field(std::move(name), model::FieldType::Ref);
  made.to = std::move(to);
  return made;
}

/// An amount in the record's `currency`.
inline model::Field money(std::string name) {
  model::Field made = field(std::move(name), model::FieldType::Money);
  made.currency = "currency";
  return made;
}

inline model::Field currency(std::string initial = "EUR") {
  model::Field made = text("currency");
  made.initial = std::move(initial);
  return made;
}

/// The first of `choices` is a new record's.
inline model::Field state(std::vector<std::string> choices) {
  model::Field made = field("state", model::FieldType::State);
  made.initial = choices.front();
  made.choices = std::move(choices);
  return made;
}

inline model::Field required(model::Field made) {
  made.is_required = true;
  return made;
}

inline model::Field by_action(model::Field made) {
  made.set_by = model::SetBy::Action;
  return made;
}

/// With all base actions.
inline model::RecordType stored(std::string name, std::string plural, std::string prefix,
                                std::vector<model::Field> fields = {}) {
  model::RecordType type;
  type.name = std::move(name);
  type.plural = std::move(plural);
  type.prefix = std::move(prefix);
  type.fields = std::move(fields);
  type.base_actions = {"view", "create", "edit", "delete", "export"};
  return type;
}

}  // namespace talon::support
