/// The files of read_yaml: one file, and all below a directory.
#include "host/config/yaml.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <system_error>

namespace talon::config {

namespace fs = std::filesystem;

Result<std::string> read_yaml_bytes(const fs::path& path) {
  const auto failed = [](const std::string& why) { return invalid("cannot be read: " + why); };
  std::error_code error;
  if (!fs::exists(path, error)) return failed("there is no such file");
  if (!fs::is_regular_file(path, error)) return failed("it is no regular file");
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return failed(std::strerror(errno));
  std::string text;
  std::array<char, 4096> part;
  // One byte more than is read shows that a file is too large.
  while (stream && text.size() <= kYamlBytesMax) {
    stream.read(part.data(), static_cast<std::streamsize>(part.size()));
    text.append(part.data(), static_cast<std::size_t>(stream.gcount()));
  }
  if (stream.bad()) return failed(std::strerror(errno));
  return text;
}

Document read_yaml(const fs::path& path, std::string file, Mistakes& mistakes) {
  const Result<std::string> text = read_yaml_bytes(path);
  if (text) return read_yaml_text(*text, std::move(file), mistakes);
  mistakes.push_back({file, {1, 1}, text.error().message});
  return Document{.file = std::move(file), .root = Node{.place = {1, 1}}};
}

Result<Document> read_yaml(const fs::path& path) {
  Mistakes mistakes;
  Document document = read_yaml(path, path.string(), mistakes);
  if (!mistakes.empty()) return mistakes_error(std::move(mistakes));
  return document;
}

std::vector<std::string> list_yaml_directory(const fs::path& directory, const std::string& name,
                                             Mistakes& mistakes) {
  std::vector<std::string> names;
  std::error_code error;
  fs::recursive_directory_iterator it(directory, error);
  if (error) return {};
  for (; it != fs::recursive_directory_iterator(); it.increment(error)) {
    if (error) break;
    const std::string file = it->path().filename().string();
    if (file.starts_with('.')) {
      it.disable_recursion_pending();
      continue;
    }
    if (it->path().extension() == ".yaml" && it->is_regular_file(error)) {
      names.push_back(it->path().lexically_relative(directory).generic_string());
    } else if (it->path().extension() == ".yml") {
      mistakes.push_back({name + "/" + it->path().lexically_relative(directory).generic_string(),
                          {1, 1},
                          "files are named *.yaml; this one would not be read"});
    }
  }
  if (error) mistakes.push_back({name, {1, 1}, "cannot be read: " + error.message()});
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<Document> read_yaml_directory(const fs::path& directory, const std::string& name,
                                          Mistakes& mistakes) {
  std::vector<Document> documents;
  for (const std::string& file : list_yaml_directory(directory, name, mistakes)) {
    documents.push_back(read_yaml(directory / file, name.empty() ? file : name + "/" + file, mistakes));
  }
  return documents;
}

}  // namespace talon::config
