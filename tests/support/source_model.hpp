/// The model of the manifests in the source tree, for tests of plugins against the fake host.
#pragma once

#include "host/model/load.hpp"

#include <gtest/gtest.h>

namespace talon::testing {

/// Reads every manifest under plugins/. A mistake in one of `needed` fails the test with its place.
inline model::Model source_model(const std::vector<std::string>& needed) {
  const std::filesystem::path source(TALON_SOURCE_DIR);
  model::LoadedModel loaded = model::load_model(
      {.plugin_directories = {source / "plugins"}, .extensions_directory = {}, .root = source});
  for (const std::string& name : needed) {
    for (const model::Refused& refused : loaded.refused) {
      EXPECT_NE(refused.plugin, name) << refused.reason;
    }
  }
  for (const Mistake& mistake : loaded.mistakes) {
    for (const std::string& name : needed) {
      EXPECT_EQ(mistake.file.find("plugins/" + name + "/"), std::string::npos) << mistake.to_string();
    }
  }
  return std::move(loaded.model);
}

}  // namespace talon::testing
