/// Puts a text where the operator wants it: behind the end of a file, or into a program.
#pragma once

#include <talon/result.hpp>

#include <string>
#include <vector>

namespace audit {

/// Appends `line` and a line feed with one write, forced to disk.
/// @errors Unavailable: with the path and the reason.
talon::Result<void> append_line(const std::string& path, const std::string& line);

/// Puts `text` in the place of what the file held, at once and forced to disk; mode 0600.
/// @errors Unavailable: with the path and the reason.
talon::Result<void> replace_file(const std::string& path, const std::string& text);

/// Runs a program, without a shell, with `input` as its standard input; its output goes nowhere.
/// @param words  the program and its arguments; not empty.
/// @errors Unavailable: it cannot be run, ended with a code other than 0, or ran longer than 30 s.
talon::Result<void> run_command(const std::vector<std::string>& words, const std::string& input);

}  // namespace audit
