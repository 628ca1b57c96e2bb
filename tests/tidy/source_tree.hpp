/// The tree's own files as text, for the rules that are about text.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace talon::tidy {

struct SourceFile {
  std::string path;  ///< from the root: "host/gate/gate.cpp"
  std::vector<std::string> lines;
  std::string extension() const { return std::filesystem::path(path).extension(); }
  bool is_code() const {
    const std::string ending = extension();
    return ending == ".cpp" || ending == ".hpp" || ending == ".h" || ending == ".c";
  }
  bool starts_with(std::string_view folder) const { return path.starts_with(folder); }
};

inline std::vector<SourceFile> read_tree() {
  namespace fs = std::filesystem;
  std::vector<SourceFile> files;
  const fs::path root = TALON_SOURCE_DIR;
  for (const char* folder : {"sdk", "host", "plugins", "connectors", "config", "tests"}) {
    for (auto entry = fs::recursive_directory_iterator(root / folder);
         entry != fs::recursive_directory_iterator(); ++entry) {
      const std::string name = entry->path().filename();
      if (name == "node_modules" || name == "build") entry.disable_recursion_pending();
      if (!entry->is_regular_file()) continue;
      static const std::vector<std::string> kRead = {".cpp", ".hpp", ".h",     ".c",
                                                     ".mjs", ".sh",  ".cmake", ".yaml"};
      if (std::find(kRead.begin(), kRead.end(), entry->path().extension().string()) == kRead.end()) continue;
      SourceFile file;
      file.path = fs::relative(entry->path(), root);
      std::ifstream in(entry->path());
      for (std::string line; std::getline(in, line);) file.lines.push_back(line);
      files.push_back(std::move(file));
    }
  }
  return files;
}

/// `FILE:LINE: what` for each line that `is_wrong` names, one text for a test's message.
template <typename Rule>
std::string complaints(const std::vector<SourceFile>& files, Rule rule) {
  std::ostringstream out;
  for (const SourceFile& file : files) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const std::string what = rule(file, file.lines[i]);
      if (!what.empty()) out << "\n" << file.path << ":" << i + 1 << ": " << what;
    }
  }
  return out.str();
}

}  // namespace talon::tidy
