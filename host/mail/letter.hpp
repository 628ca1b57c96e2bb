/// What people are written: one letter per occasion and language, filled in.
#pragma once

#include <talon/result.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace talon::mail {

struct Letter {
  std::string subject;
  std::string text;
};

/// A letter by its name ("invitation", "new_password") in `language` (en, fr; another reads as en).
///
/// An installation's own text is FOLDER/NAME.LANGUAGE.txt: the subject, an empty line, the text. Templates
/// are mustache: {{link}}, {{name}}, {{issuer}}, {{hours}}; nothing in a value is read as a template or as a
/// header.
/// @param folder  empty: none. @errors NotFound: no such letter; InvalidArgument: a file that is no template.
Result<Letter> write_letter(const std::filesystem::path& folder, std::string_view name,
                            std::string_view language, const std::map<std::string, std::string>& values);

}  // namespace talon::mail
