/// What a plan comes to, as one condition a right: comparable, countable, and free of Unknown.
#pragma once

#include "plan.hpp"

namespace talon::access {

/// True exactly for the records that the plan allows: one of its allows, and none of its denies.
///
/// An Unknown deny makes the whole Unknown, which a filter takes as no: a deny holds unless it is False.
expression::Expression allowed_by(const Plan& plan);

/// How much of a field the plan leaves, each as the records for which it holds.
enum class FieldRight { Seen, Unmasked, Editable };
/// True for the records on which no field rule takes that much of `field` away.
expression::Expression field_right(const Plan& plan, std::string_view field, FieldRight right);

/// True where `condition` is True, and False otherwise, never Unknown: empty fields are asked for first.
expression::Expression is_true(const expression::Expression& condition);
/// True where `condition` is False or Unknown.
expression::Expression is_not_true(const expression::Expression& condition);
/// Whether every record for which `a` is True is one for which `b` is, as far as their forms tell: a `false`
/// may be wrong, a `true` never is.
bool implies(const expression::Expression& a, const expression::Expression& b);
/// Both of them.
expression::Expression both_of(expression::Expression a, expression::Expression b);

/// True for no record whatever is in it, as far as that can be told without one.
bool is_never_true(const expression::Expression& condition);
bool is_always_true(const expression::Expression& condition);

}  // namespace talon::access
