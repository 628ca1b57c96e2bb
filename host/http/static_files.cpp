/// Files of the portal, from one folder.
#include "host/http/static_files.hpp"

#include "host/runtime/digest.hpp"

#include <array>
#include <fstream>
#include <sstream>

namespace talon::http {

namespace {

constexpr std::uintmax_t kFileBytesMax = 16 * 1024 * 1024;
constexpr std::size_t kFilesMax = 1000;

// Trusted Types and no inline code: what the portal is built for (libraries.md, "browser page").
constexpr const char* kPolicy =
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'";

std::string_view content_type(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kTypes = {{
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".json", "application/json"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".jpg", "image/jpeg"},
      {".ico", "image/x-icon"},
      {".woff2", "font/woff2"},
      {".txt", "text/plain; charset=utf-8"},
      {".webmanifest", "application/manifest+json"},
      {".map", "application/json"},
      {".pdf", "application/pdf"},
      {".wasm", "application/wasm"},
  }};
  for (const auto& [ending, type] : kTypes) {
    if (name.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

bool is_plain_name(const std::string& segment) {
  return !segment.empty() && segment.front() != '.' && segment.find('/') == std::string::npos &&
         segment.find('\\') == std::string::npos && segment.find('\0') == std::string::npos;
}

}  // namespace

StaticFiles::StaticFiles(const std::string& directory) {
  std::error_code error;
  if (!directory.empty()) root_ = std::filesystem::canonical(directory, error);
  if (error) root_.clear();
}

std::shared_ptr<const StaticFiles::File> StaticFiles::load(const std::filesystem::path& path) {
  std::error_code error;
  // Links are followed first, so that none leads out of the folder.
  const std::filesystem::path real = std::filesystem::canonical(path, error);
  if (error || !std::filesystem::is_regular_file(real, error) || error) return nullptr;
  if (!real.native().starts_with(root_.native() + "/")) return nullptr;
  const auto changed = std::filesystem::last_write_time(real, error);
  if (error || std::filesystem::file_size(real, error) > kFileBytesMax || error) return nullptr;
  const std::lock_guard lock(mutex_);
  auto& kept = files_[real.native()];
  if (kept && kept->changed == changed) return kept;
  std::ifstream in(real, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) return nullptr;
  auto file = std::make_shared<File>();
  file->changed = changed;
  file->content = text.str();
  file->etag = "\"" + runtime::sha256_hex(file->content).substr(0, 32) + "\"";
  kept = file;
  const std::shared_ptr<const File> answer = file;
  if (files_.size() > kFilesMax) files_.clear();
  return answer;
}

Response StaticFiles::get(const Request& request) {
  Response response;
  response.status = 404;
  if (root_.empty()) return response;
  std::filesystem::path path = root_;
  for (const std::string& segment : request.segments) {
    if (!is_plain_name(segment)) return response;
    path /= segment;
  }
  const bool is_page = request.segments.empty() || request.segments.back().find('.') == std::string::npos;
  if (is_page) path = root_ / "index.html";
  const auto file = load(path);
  if (!file) return response;
  response.header("ETag", file->etag).header("Content-Security-Policy", kPolicy);
  // Names of built files carry a hash only below /assets/; everything else is asked for again.
  const bool is_forever = !request.segments.empty() && request.segments.front() == "assets";
  response.header("Cache-Control", is_forever ? "public, max-age=31536000, immutable" : "no-cache");
  if (request.header("If-None-Match") == file->etag) {
    response.status = 304;
    return response;
  }
  response.status = 200;
  response.header("Content-Type", std::string(content_type(path.native())));
  response.body = file->content;
  return response;
}

}  // namespace talon::http
