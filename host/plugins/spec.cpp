/// From a manifest to what the loader needs.
#include "host/plugins/spec.hpp"

#include "host/model/manifest.hpp"

namespace talon::plugins {

Spec spec_of(const model::Manifest& manifest, Json settings) {
  Spec spec;
  spec.name = manifest.name;
  spec.version = manifest.version;
  spec.sdk = manifest.sdk;
  spec.folder = manifest.folder;
  spec.requires_plugins = manifest.requires_plugins;
  spec.offers = manifest.offers;
  spec.elevates = manifest.elevates;
  for (const model::Command& command : manifest.commands) {
    spec.commands.push_back({command.name, command.right, command.is_offline});
  }
  spec.is_mandatory = manifest.is_mandatory;
  spec.settings = std::move(settings);
  return spec;
}

}  // namespace talon::plugins
