/// Checks of one record type against the whole model: what it names is there, and means what it needs.
#include "host/model/check_model.hpp"

#include "host/config/text.hpp"
#include "host/model/field_value.hpp"

#include <talon/expression/check.hpp>
#include <talon/expression/parse.hpp>

#include <algorithm>

namespace talon::model {

namespace {

using config::in_quotes;

std::vector<std::string> type_words(const Model& model) {
  std::vector<std::string> words;
  for (const RecordType& type : model.types) words.push_back(type.name);
  return words;
}

/// Runs `rule` over every comparison of a checked condition.
std::string apply_rule(const expression::Expression& condition, const ConditionRule& rule) {
  std::string message;
  expression::each_comparison(condition, [&](const expression::Expression& compare) {
    const bool reads_today = expression::reads_today(compare);
    expression::each_path(compare, [&](const std::string& path) {
      if (message.empty()) message = rule(path, reads_today);
    });
  });
  return message;
}

/// A rule for conditions that the database evaluates on the row alone (its freeze trigger) or that other
/// conditions read (computed fields).
ConditionRule own_fields_only(const RecordType& type, std::string what, bool may_read_today) {
  return [&type, what = std::move(what), may_read_today](const std::string& path,
                                                         bool reads_today) -> std::string {
    if (reads_today && !may_read_today)
      return what + " does not change with the day, so it cannot read today";
    if (path.find('.') != std::string::npos)
      return what + " reads the record's own fields; " + path + " is a link";
    const Field* field = type.find_field(path);
    if (field != nullptr && !field->computed.empty())
      return what + " reads stored fields; " + path + " is computed";
    return {};
  };
}

void check_currency(const TypeContext& context, const Field& field, const Node& node,
                    const std::vector<Field>& siblings) {
  const auto named = [&](const Field& other) { return other.name == field.currency; };
  const auto sibling = std::find_if(siblings.begin(), siblings.end(), named);
  const Field* found = sibling != siblings.end() ? &*sibling : context.type.find_field(field.currency);
  if (found == nullptr && context.type.kind == Kind::Child) {
    const RecordType* parent = context.model.find(context.type.parent);
    if (parent != nullptr) found = parent->find_field(field.currency);
  }
  const Node& place = locate(node, {"currency"});
  if (found == nullptr) {
    context.report.mistake(place, "there is no field " + in_quotes(field.currency) + " for the currency of " +
                                      field.name + "." +
                                      suggestion(field.currency, field_names(context.type)));
  } else if (found->type != FieldType::Text && found->type != FieldType::Choice) {
    context.report.mistake(place, field.currency + " is no text, so it holds no currency code");
  }
}

/// @param word  "unique" or "indexes".
void check_keys(const TypeContext& context, std::string_view word,
                const std::vector<std::vector<std::string>>& keys) {
  const Node& node = locate(context.node, {word});
  for (const std::vector<std::string>& key : keys) {
    for (const std::string& name : key) {
      const Field* field = context.type.find_field(name);
      if (field == nullptr) {
        context.report.mistake(node, context.type.name + " has no field " + in_quotes(name) +
                                         " for a key in " + in_quotes(word) + "." +
                                         suggestion(name, field_names(context.type)));
      } else if (!field->computed.empty() || field->type == FieldType::File) {
        context.report.mistake(node, name + " cannot be in a key");
      }
    }
  }
}

void check_freeze(const TypeContext& context) {
  RecordType& type = context.type;
  if (type.frozen.when.empty()) return;
  const Node& node = locate(context.node, {"frozen", "when"});
  check_condition(context, type, type.frozen.when, node, own_fields_only(type, "the freeze rule", false));
  for (const std::string& name : type.frozen.except) {
    if (type.find_field(name) != nullptr) continue;
    const auto is_list = [&](const ChildList& list) { return list.name == name; };
    if (std::any_of(type.lists.begin(), type.lists.end(), is_list)) continue;
    context.report.mistake(
        locate(context.node, {"frozen", "except"}),
        type.name + " has no field " + in_quotes(name) + "." + suggestion(name, field_names(type)));
  }
}

void check_partner(const TypeContext& context) {
  for (const std::string& path : context.type.partner_paths) {
    const Node& node = locate(context.node, {"partner"});
    const auto field = resolve_path(context.model, context.type, path, Internal::Named);
    if (!field) {
      context.report.mistake(node, field.error().message);
    } else if ((*field)->type != FieldType::Ref) {
      context.report.mistake(node, in_quotes(path) + " is no reference, so it leads to no partner");
    }
  }
}

}  // namespace

const RecordType* find_visible(const TypeContext& context, std::string_view name, const Node& node) {
  const RecordType* type = context.model.find(name);
  if (type == nullptr) {
    context.report.mistake(node, "there is no record type " + in_quotes(name) + "." +
                                     suggestion(name, type_words(context.model)));
    return nullptr;
  }
  if (context.plugins.count(type->plugin) > 0) return type;
  context.report.mistake(
      node, in_quotes(name) + " belongs to the plugin " + type->plugin + ", which is not in \"requires\"");
  return nullptr;
}

void check_right(const TypeContext& context, std::string_view right, const Node& node) {
  const std::size_t dot = right.find('.');
  if (dot == std::string_view::npos) {
    return context.report.mistake(node,
                                  in_quotes(right) + " is no right: TYPE.ACTION, as in number_series.edit");
  }
  const std::string_view action = right.substr(dot + 1);
  if (right.substr(0, dot) == "*") {  // every type: for plugins that judge or show any record
    const auto& all = base_action_names();
    if (std::find(all.begin(), all.end(), action) == all.end()) {
      context.report.mistake(
          node, in_quotes(right) + " names no action that every type has." + suggestion(action, all));
    }
    return;
  }
  const RecordType* type = find_visible(context, right.substr(0, dot), node);
  if (type == nullptr || type->has_action(action) || (type->kind == Kind::View && action == "run")) return;
  // What is offered to nobody (`base`) a plugin's own code may still do to the records of the plugin.
  const auto& base = base_action_names();
  const bool is_own = type->kind == Kind::Stored && type->plugin == context.type.plugin;
  if (is_own && std::find(base.begin(), base.end(), action) != base.end()) return;
  std::vector<std::string> words = type->base_actions;
  for (const Action& own : type->actions) words.push_back(own.name);
  context.report.mistake(
      node, type->name + " has no action " + in_quotes(action) + "." + suggestion(action, words));
}

void check_condition(const TypeContext& context, const RecordType& type, std::string_view text,
                     const Node& node, const ConditionRule& rule) {
  const Place origin{node.place.line, node.place.column + (node.is_quoted ? 1 : 0)};
  auto condition = expression::parse(text, origin);
  if (!condition) {
    const auto mistakes = read_mistakes(condition.error().details);
    if (!mistakes || mistakes->empty()) return context.report.mistake(node, condition.error().message);
    for (const Mistake& mistake : *mistakes) context.report.mistake(mistake.place, mistake.message);
    return;
  }
  const Mistakes mistakes =
      expression::check(*condition, {.model = &context.model, .type = &type, .internal = Internal::Named},
                        context.report.file());
  for (const Mistake& mistake : mistakes) context.report.mistake(mistake.place, mistake.message);
  if (!mistakes.empty() || !rule) return;
  if (const std::string message = apply_rule(*condition, rule); !message.empty())
    context.report.mistake(node, message);
}

void check_field(const TypeContext& context, const Field& field, const Node& node,
                 const std::vector<Field>& siblings) {
  if (field.type == FieldType::Ref) {
    const Node& to = locate(node, {"to"});
    const RecordType* target = find_visible(context, field.to, to);
    if (target != nullptr && target->kind != Kind::Stored) {
      context.report.mistake(to, in_quotes(field.to) + " is no record type with rows of its own");
    }
    if (!field.initial.empty())
      context.report.mistake(locate(node, {"initial"}), "a reference has no \"initial\"");
    return;
  }
  if (field.type == FieldType::Money) check_currency(context, field, node, siblings);
  if (field.initial.empty()) return;
  const auto value = read_field_text(context.model, field, field.initial, "EUR");
  if (!value) context.report.mistake(locate(node, {"initial"}), value.error().message);
}

void check_type(const TypeContext& context) {
  RecordType& type = context.type;
  int states = 0;
  for (const Field& field : type.fields) {
    const Node& node = locate(context.node, {"fields", field.name});
    for (const Field& host : host_fields_of(type)) {
      if (host.name == field.name) {
        context.report.mistake(node, "every " + type.name + " has a field " + in_quotes(field.name) +
                                         " already; give this one another name");
      }
    }
    for (const ChildList& list : type.lists) {
      if (list.name == field.name) {
        context.report.mistake(node, in_quotes(field.name) + " is the name of a list too");
      }
    }
    check_field(context, field, node, type.fields);
    if (field.type == FieldType::State && ++states == 2) {
      context.report.mistake(node, type.name + " has two states; make one of them a choice");
    }
    if (field.computed.empty()) continue;
    check_condition(context, type, field.computed, locate(context.node, {"fields", field.name, "computed"}),
                    own_fields_only(type, "a computed field", true));
  }
  check_keys(context, "unique", context.type.unique);
  check_keys(context, "indexes", context.type.indexes);
  check_freeze(context);
  check_partner(context);
  const auto& base = base_action_names();
  for (const std::string& action : type.base_actions) {
    if (type.kind != Kind::Stored || std::find(base.begin(), base.end(), action) != base.end()) continue;
    context.report.mistake(locate(context.node, {"base"}), in_quotes(action) +
                                                               " is none of view, create, edit, delete " +
                                                               "and export." + suggestion(action, base));
  }
}

void check_actions(const TypeContext& context) {
  RecordType& type = context.type;
  const Field* state = type.state_field();
  for (const Action& action : type.actions) {
    const Node& node = locate(context.node, {"actions", action.name});
    const auto check_state = [&](const std::string& name, std::string_view key) {
      const Node& place = locate(node, {key});
      if (state == nullptr) {
        context.report.mistake(place,
                               type.name + " has no state field, so " + action.name + " has no states");
      } else if (std::find(state->choices.begin(), state->choices.end(), name) == state->choices.end()) {
        std::string list;
        for (const std::string& choice : state->choices) list += (list.empty() ? "" : ", ") + choice;
        context.report.mistake(
            place, in_quotes(name) + " is not one of [" + list + "]." + suggestion(name, state->choices));
      }
    };
    for (const std::string& name : action.from) check_state(name, "from");
    if (!action.to.empty()) check_state(action.to, "to");
    for (const Field& field : action.input) {
      check_field(context, field, locate(node, {"input", field.name}), action.input);
    }
    for (const std::string& right : action.elevates) check_right(context, right, locate(node, {"elevates"}));
  }
}

}  // namespace talon::model
