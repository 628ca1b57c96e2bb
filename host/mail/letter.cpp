/// The shipped letters, and an installation's own.
#include "host/mail/letter.hpp"

#include <kainjow/mustache.hpp>

#include <fstream>
#include <iterator>

namespace talon::mail {

namespace {

struct Shipped {
  std::string_view name;
  std::string_view language;
  std::string_view text;
};

constexpr Shipped kShipped[] = {
    {"invitation", "en",
     R"(Your access to {{issuer}}

Hello {{name}},

you have been given access to {{issuer}}. Choose a password here:

{{link}}

The link works once, within {{hours}} hours. Afterwards ask whoever invited you for a new one.
If you do not know what this is about, do nothing: without the link nothing happens.
)"},
    {"invitation", "fr",
     R"(Votre accès à {{issuer}}

Bonjour {{name}},

un accès à {{issuer}} vous a été donné. Choisissez un mot de passe ici :

{{link}}

Le lien sert une seule fois, dans les {{hours}} heures. Ensuite, demandez-en un nouveau à qui vous a invité.
Si vous ne savez pas de quoi il s'agit, ne faites rien : sans le lien, il ne se passe rien.
)"},
    {"new_password", "en",
     R"(A new password for {{issuer}}

Hello {{name}},

somebody, we hope you, asked for a new password for {{issuer}}. Choose it here:

{{link}}

The link works once, within {{hours}} hours. Until then your old password stays as it is.
If it was not you, do nothing.
)"},
    {"new_password", "fr",
     R"(Un nouveau mot de passe pour {{issuer}}

Bonjour {{name}},

quelqu'un, vous sans doute, a demandé un nouveau mot de passe pour {{issuer}}. Choisissez-le ici :

{{link}}

Le lien sert une seule fois, dans les {{hours}} heures. D'ici là, votre ancien mot de passe reste valable.
Si ce n'était pas vous, ne faites rien.
)"},
};

Result<std::string> find_text(const std::filesystem::path& folder, const std::string& name,
                              const std::string& language) {
  if (!folder.empty()) {
    std::ifstream file(folder / (name + "." + language + ".txt"));
    if (file) return std::string(std::istreambuf_iterator<char>(file), {});
  }
  for (const Shipped& shipped : kShipped) {
    if (shipped.name == name && shipped.language == language) return std::string(shipped.text);
  }
  return not_found("there is no letter \"" + name + "\" in \"" + language + "\"");
}

/// One line: a subject is a header.
std::string one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return text;
}

}  // namespace

Result<Letter> write_letter(const std::filesystem::path& folder, std::string_view name,
                            std::string_view language, const std::map<std::string, std::string>& values) {
  const std::string wanted(name);
  auto text = find_text(folder, wanted, std::string(language));
  if (!text && language != "en") text = find_text(folder, wanted, "en");
  if (!text) return std::move(text).error();
  kainjow::mustache::mustache letter(*text);
  letter.set_custom_escape([](const std::string& value) { return value; });  // plain text: nothing to escape
  if (!letter.is_valid())
    return invalid("the letter " + wanted + " is no template: " + letter.error_message());
  kainjow::mustache::data data;
  for (const auto& [key, value] : values) data.set(key, one_line(value));
  const std::string filled = letter.render(data);
  const std::size_t line = filled.find('\n');
  if (line == std::string::npos || filled.compare(line, 2, "\n\n") != 0)
    return invalid("the letter " + wanted + " begins with its subject and an empty line");
  return Letter{one_line(filled.substr(0, line)), filled.substr(line + 2)};
}

}  // namespace talon::mail
