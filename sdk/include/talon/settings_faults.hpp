/// Mistakes in a plugin's settings, gathered: whoever sets it up sees all of them at once.
#pragma once

#include <talon/faults.hpp>
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
    faults_.add("/" + std::string(key), "invalid_setting", what);
  }

  /// @errors FailedPrecondition: all mistakes, each with its key; the details are {pointer, code, message} of
  /// each.
  Result<void> outcome() const {
    if (faults_.is_empty()) return {};
    return Error{Code::FailedPrecondition, "config/talon.yaml, " + text_, faults_.list().to_string()};
  }

 private:
  std::string plugin_;
  std::string text_;
  Faults faults_;
};

}  // namespace talon
