/// The files of read_yaml: one file, and all below a directory.
#include "host/config/yaml.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace talon::config {

namespace fs = std::filesystem;

namespace {

/// An open file.
class File {
 public:
  // Without O_NONBLOCK the opening of a pipe would wait for whoever writes to it.
  explicit File(const fs::path& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~File() {
    if (is_open()) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool is_open() const { return fd_ >= 0; }
  /// @param owner  set to the user who owns it.
  bool is_regular(uid_t& owner) const {
    struct stat info {};
    if (::fstat(fd_, &info) != 0 || !S_ISREG(info.st_mode)) return false;
    owner = info.st_uid;
    return true;
  }
  /// @return how much was read; 0: the end, or what `errno` says.
  std::size_t read(char* to, std::size_t size) const {
    errno = 0;
    const ssize_t count = ::read(fd_, to, size);
    return count > 0 ? static_cast<std::size_t>(count) : 0;
  }

 private:
  int fd_;
};

}  // namespace

Result<YamlBytes> read_yaml_bytes(const fs::path& path) {
  const auto failed = [](const std::string& why) { return invalid("cannot be read: " + why); };
  const File file(path);
  if (!file.is_open()) return failed(errno == ENOENT ? "there is no such file" : std::strerror(errno));
  YamlBytes bytes;
  if (!file.is_regular(bytes.owner)) return failed("it is no regular file");
  std::string& text = bytes.text;
  std::array<char, 16384> part;
  // One byte more than is read shows that a file is too large.
  while (text.size() <= kYamlBytesMax) {
    const std::size_t count = file.read(part.data(), part.size());
    if (count == 0 && errno != 0) return failed(std::strerror(errno));
    if (count == 0) break;
    text.append(part.data(), count);
  }
  return bytes;
}

Document read_yaml(const fs::path& path, std::string file, Mistakes& mistakes) {
  const Result<YamlBytes> bytes = read_yaml_bytes(path);
  if (bytes) return read_yaml_text(bytes->text, std::move(file), mistakes);
  mistakes.push_back({file, {1, 1}, bytes.error().message});
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
  const std::size_t above = (directory / "").native().size();  // of a path: what is left out of its name
  std::error_code error;
  std::error_code status;
  fs::recursive_directory_iterator it(directory, error);
  // A folder that is not there has nothing to say; one that cannot be read may have.
  if (error == std::errc::no_such_file_or_directory && !fs::is_symlink(directory)) return {};
  for (; it != fs::recursive_directory_iterator(); it.increment(error)) {
    if (error) break;
    const std::string_view path = it->path().native();
    if (path.substr(path.rfind('/') + 1).starts_with('.')) {
      it.disable_recursion_pending();
      continue;
    }
    // What stands behind a link would be missing in silence: the folder, or what is not there just now.
    if (it->is_symlink(status) && !it->is_regular_file(status)) {
      const bool is_folder = it->is_directory(status);
      mistakes.push_back({(name.empty() ? "" : name + "/") + std::string(path.substr(above)),
                          {1, 1},
                          is_folder ? "is a link to a folder, which is not followed: put the files here, or "
                                      "link to each of them"
                                    : "cannot be read: it is a link that leads to no file"});
      continue;
    }
    // Whatever else it is, reading it tells.
    if (path.ends_with(".yaml") && !it->is_directory(status)) {
      names.emplace_back(path.substr(above));
    } else if (path.ends_with(".yml")) {
      mistakes.push_back({name + "/" + std::string(path.substr(above)),
                          {1, 1},
                          "files are named *.yaml; this one would not be read"});
    }
  }
  if (error)
    mistakes.push_back(
        {name.empty() ? directory.string() : name, {1, 1}, "cannot be read: " + error.message()});
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
