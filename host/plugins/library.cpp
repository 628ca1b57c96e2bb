/// Checks and loads plugins' libraries.
#include "host/plugins/library.hpp"

#include "host/plugins/elf_file.hpp"
#include "host/runtime/digest.hpp"

#include <talon/abi/base.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/dll/shared_library.hpp>

#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <mutex>

namespace talon::plugins {

namespace {

namespace fs = std::filesystem;

constexpr int64_t kLibrarySizeMax =
    256LL * 1024 * 1024;  // bytes; a debug build of a large plugin is some 30 MB

std::string reason_of(int error) { return std::generic_category().message(error); }

/// Closes a file descriptor at the end.
struct File {
  explicit File(int opened) : fd(opened) {}
  ~File() {
    if (fd >= 0) ::close(fd);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd;
};

Result<void> check_owner(const fs::path& path, const struct stat& info) {
  if (info.st_uid != 0 && info.st_uid != ::geteuid()) {
    return denied(path.string() + " belongs to user " + std::to_string(info.st_uid) +
                  ", neither root nor the user that Talon runs as; chown it");
  }
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return denied(path.string() + " is writable by others than its owner; chmod go-w " + path.string());
  }
  return {};
}

Result<std::string> read_all(int fd, std::size_t size, const fs::path& path) {
  std::string bytes(size, '\0');
  for (std::size_t done = 0; done < size;) {
    const ssize_t count = ::read(fd, bytes.data() + done, size - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0)
      return unavailable("cannot read " + path.string() + ": it became shorter meanwhile, or failed");
    done += static_cast<std::size_t>(count);
  }
  return bytes;
}

Result<void> write_file(const fs::path& path, std::string_view bytes) {
  const File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.fd < 0) return unavailable("cannot write " + path.string() + ": " + reason_of(errno));
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t count = ::write(file.fd, bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return unavailable("cannot write " + path.string() + ": " + reason_of(errno));
    done += static_cast<std::size_t>(count);
  }
  if (::fchmod(file.fd, 0500) != 0 || ::fsync(file.fd) != 0) {
    return unavailable("cannot finish " + path.string() + ": " + reason_of(errno));
  }
  return {};
}

/// Puts the bytes under NAME-HASH.so, complete or not at all; a copy that is there already is compared first.
Result<fs::path> copy_under_hash(const Spec& spec, std::string_view bytes, const std::string& sha256,
                                 const fs::path& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return unavailable("cannot make " + directory.string() + ": " + error.message());
  fs::permissions(directory, fs::perms::owner_all, error);
  const fs::path copy = directory / (spec.name + "-" + sha256.substr(0, 32) + ".so");
  if (fs::exists(fs::symlink_status(copy, error))) {
    const Result<std::string> there = read_trusted_file(copy);
    if (there && *there == bytes) return copy;
  }
  const fs::path fresh = directory / (copy.filename().string() + "." + std::to_string(::getpid()) + ".new");
  fs::remove(fresh, error);
  TALON_DO(write_file(fresh, bytes));
  fs::rename(fresh, copy, error);
  if (error) return unavailable("cannot rename " + fresh.string() + ": " + error.message());
  return copy;
}

/// Everything that was ever loaded. Kept to the end of the process: plugins leave threads, literals and
/// exceptions behind that point into their code (toolchain.md, Plugins).
struct Registry {
  std::mutex mutex;
  std::map<std::string, const talon_plugin*> by_copy;
  std::deque<boost::dll::shared_library> libraries;
};
Registry& registry() {
  static auto* const kRegistry =
      new Registry();  // never destroyed: its libraries must not be unmapped at exit
  return *kRegistry;
}

Result<const talon_plugin*> map_library(const fs::path& copy) {
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  const auto known = all.by_copy.find(copy.string());
  if (known != all.by_copy.end()) return known->second;
  namespace mode = boost::dll::load_mode;
  const auto flags = mode::rtld_now | mode::rtld_local | static_cast<mode::type>(RTLD_NODELETE);
  try {
    boost::dll::shared_library library(copy, flags);
    const talon_plugin* descriptor = &library.get<const talon_plugin>("talon_plugin_v1");
    all.libraries.push_back(std::move(library));
    all.by_copy[copy.string()] = descriptor;
    return descriptor;
  } catch (const std::exception& failure) {
    return failed_precondition("the library cannot be loaded: " + std::string(failure.what()));
  }
}

Result<void> check_versions(const ElfMark& mark) {
  const auto text = [](uint32_t major, uint32_t minor) {
    return std::to_string(major) + "." + std::to_string(minor);
  };
  if (mark.abi_major == TALON_ABI_MAJOR && mark.abi_minor <= TALON_ABI_MINOR) return {};
  return failed_precondition(
      "the library is built for version " + text(mark.abi_major, mark.abi_minor) +
      " of the plugin interface; this host has " + text(TALON_ABI_MAJOR, TALON_ABI_MINOR) +
      (mark.abi_major < TALON_ABI_MAJOR ? "; rebuild the plugin" : "; update the host"));
}

Result<void> check_descriptor(const Spec& spec, const talon_plugin& plugin) {
  if (plugin.struct_size < sizeof(talon_plugin) || plugin.name == nullptr || plugin.version == nullptr ||
      plugin.create == nullptr || plugin.start == nullptr || plugin.stop == nullptr ||
      plugin.destroy == nullptr || plugin.table == nullptr) {
    return failed_precondition("the library's descriptor is not complete");
  }
  TALON_DO(check_versions({plugin.abi_major, plugin.abi_minor}));
  if (spec.name != plugin.name) {
    return failed_precondition("the library is the plugin \"" + std::string(plugin.name) +
                               "\", its manifest says \"" + spec.name + "\"");
  }
  if (spec.version != plugin.version) {
    return failed_precondition("the library is version " + std::string(plugin.version) +
                               ", its manifest says " + spec.version + "; install both from one build");
  }
  return {};
}

}  // namespace

Result<std::string> read_trusted_file(const fs::path& path) {
  struct stat folder {};
  const fs::path parent = path.has_parent_path() ? path.parent_path() : fs::path(".");
  if (::stat(parent.c_str(), &folder) != 0) return not_found("there is no folder " + parent.string());
  TALON_DO(check_owner(parent, folder));
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (file.fd < 0 && errno == ELOOP) return denied(path.string() + " is a link; put the file itself there");
  if (file.fd < 0) return not_found("cannot open " + path.string() + ": " + reason_of(errno));
  struct stat info {};
  if (::fstat(file.fd, &info) != 0)
    return unavailable("cannot look at " + path.string() + ": " + reason_of(errno));
  if (!S_ISREG(info.st_mode)) return denied(path.string() + " is no regular file");
  TALON_DO(check_owner(path, info));
  if (info.st_size > kLibrarySizeMax) return denied(path.string() + " is larger than any plugin's library");
  return read_all(file.fd, static_cast<std::size_t>(info.st_size), path);
}

Result<Library> load_library(const Spec& spec, const fs::path& directory) {
  if (spec.sdk != static_cast<int64_t>(TALON_ABI_MAJOR)) {
    return failed_precondition("the manifest asks for sdk " + std::to_string(spec.sdk) + "; this host has " +
                               std::to_string(TALON_ABI_MAJOR));
  }
  TALON_TRY(const std::string bytes, read_trusted_file(spec.folder / ("lib" + spec.name + ".so")));
  TALON_TRY(const ElfMark mark, read_mark(bytes));
  TALON_DO(check_versions(mark));
  Library library;
  library.sha256 = runtime::sha256_hex(bytes);
  TALON_TRY(library.copy, copy_under_hash(spec, bytes, library.sha256, directory));
  TALON_TRY(library.descriptor, map_library(library.copy));
  TALON_DO(check_descriptor(spec, *library.descriptor));
  return library;
}

}  // namespace talon::plugins
