/// Mistakes in a plugin's settings, gathered: whoever sets it up sees all of them at once.
#pragma once

#include <talon/result.hpp>

#include <string>
#include <string_view>

namespace talon {

/// @threads one at a time.
class SettingsFaults {
 public:
  /// @param plugin  its name, as under `plugins.settings`.
  explicit SettingsFaults(std::string_view plugin) : plugin_(plugin) {}

  /// @param what  what is wrong with the key, or what to write there.
  void add(std::string_view key, std::string_view what) {
    text_.append(text_.empty() ? "" : "; ").append("plugins.settings.").append(plugin_).append(".");
    text_.append(key).append(": ").append(what);
  }

  /// @errors FailedPrecondition: all mistakes, each with its key.
  Result<void> outcome() const {
    if (text_.empty()) return {};
    return failed_precondition("config/talon.yaml, " + text_);
  }

 private:
  std::string plugin_;
  std::string text_;
};

}  // namespace talon
