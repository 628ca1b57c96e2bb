/// The condition of a read as the read log keeps it: the log is never changed, and people can be forgotten.
#pragma once

#include <talon/expression/tree.hpp>
#include <talon/model.hpp>

#include <string>

namespace talon::records {

/// `where` of a query of `type` with "?" for each value that was looked for in a personal field, directly, by
/// links or by a view's key; else as it is.
/// @param condition  what `where` reads as.
std::string logged_condition(const model::Model& model, const model::RecordType& type,
                             expression::Expression condition, const std::string& where);

}  // namespace talon::records
