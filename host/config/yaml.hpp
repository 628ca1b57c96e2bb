/// The one reader of YAML: strict, bounded, every node with its place.
///
/// A file is one document of UTF-8, at most 1 MiB, nested at most 32 levels, without anchors, aliases, merge
/// keys, duplicate keys and tags other than `!secret NAME`. Scalars stay text.
#pragma once

#include <talon/document.hpp>

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace talon::config {

inline constexpr std::size_t kYamlBytesMax = 1U << 20U;
inline constexpr int kYamlDepthMax = 32;

/// Reads one document. @param file  its name in mistakes.
/// @param mistakes  what is wrong is appended: what breaks the syntax ends the reading, the rest does not.
/// @return the tree, as far as it could be read; Null for an empty text.
/// @threads any; pure.
Document read_yaml_text(std::string_view text, std::string file, Mistakes& mistakes);

/// As above, from a file. A file that cannot be read is a mistake at 1:1.
Document read_yaml(const std::filesystem::path& path, std::string file, Mistakes& mistakes);

/// As above. @return InvalidArgument: `message` has a line for each mistake, `details` their JSON
/// (`read_mistakes`).
Result<Document> read_yaml_text(std::string_view text, std::string file);
Result<Document> read_yaml(const std::filesystem::path& path);

struct YamlBytes {
  std::string text;
  uid_t owner = 0;  ///< the user who owns the file on this machine
};
/// A file's bytes; of one that is too large somewhat more than is read of one. @errors InvalidArgument: it
/// cannot be read.
Result<YamlBytes> read_yaml_bytes(const std::filesystem::path& path);

/// The names, below `directory`, of the files that `read_yaml_directory` reads, in their order.
std::vector<std::string> list_yaml_directory(const std::filesystem::path& directory, const std::string& name,
                                             Mistakes& mistakes);

/// All files named *.yaml below `directory`, in the order of their names; hidden files and folders are left
/// out. A link that leads nowhere is read too, and is a mistake.
/// @param name  what stands for `directory` in the documents' names: "config/policies".
/// @return nothing where there is no such directory; one that cannot be read is a mistake.
std::vector<Document> read_yaml_directory(const std::filesystem::path& directory, const std::string& name,
                                          Mistakes& mistakes);

/// InvalidArgument from mistakes (not empty), sorted by file and place.
Error mistakes_error(Mistakes mistakes);

/// FILE:LINE:COLUMN: MESSAGE, one line each, sorted by file and place.
std::string to_lines(Mistakes mistakes);

}  // namespace talon::config
