/// Files of the portal, from one folder: nothing outside it, nothing hidden, with ETag and content security
/// policy.
#pragma once

#include "host/http/message.hpp"

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace talon::http {

/// @threads any.
class StaticFiles {
 public:
  /// @param directory  empty: there are none.
  explicit StaticFiles(const std::string& directory);

  /// Answers GET; "/" and addresses without a dot in their last part give index.html, since the portal finds
  /// its way by itself. @return status 404 with an empty body where there is no such file.
  Response get(const Request& request);
  bool is_there() const { return !root_.empty(); }

 private:
  struct File {
    std::filesystem::file_time_type changed;
    std::string content;
    std::string etag;
  };
  std::shared_ptr<const File> load(const std::filesystem::path& path);

  std::filesystem::path root_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<const File>> files_;
};

}  // namespace talon::http
