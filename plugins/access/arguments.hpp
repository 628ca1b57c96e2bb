/// The kinds of a command's arguments.
#pragma once

#include <talon/json.hpp>
#include <talon/result.hpp>

#include <initializer_list>
#include <string_view>

namespace talon::access {

/// One of another kind would read as if it had been left out, and another question be answered.
/// @param texts  the arguments that are a text each.
/// @param lists  those that are a list of texts.
/// @return  nothing where each is missing, null, or of its kind.
/// @errors InvalidArgument, with details: each that is of another kind.
/// @threads any; pure.
Result<void> judge_kinds(const Json& args, std::initializer_list<std::string_view> texts,
                         std::initializer_list<std::string_view> lists = {});

}  // namespace talon::access
