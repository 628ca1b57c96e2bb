/// From a manifest to what the loader needs.
#include "host/plugins/spec.hpp"

#include "host/config/yaml.hpp"
#include "host/model/manifest.hpp"

namespace talon::plugins {

namespace {

/// What a manifest adds to the model, as text to compare.
std::string declared_by(const model::Manifest& manifest) {
  model::Model model;
  model.types = manifest.types;
  model.commands = manifest.commands;
  model.jobs = manifest.jobs;
  for (const std::string& event : manifest.subscribes) model.subscriptions[event] = {manifest.name};
  return model::write_model(model).to_string();
}

}  // namespace

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
    spec.commands.push_back({command.name, command.right, command.is_offline, command.shows_records});
  }
  spec.checks = manifest.checks;
  spec.is_mandatory = manifest.is_mandatory;
  spec.settings = std::move(settings);
  // From the document: the manifest itself may have been merged with others since.
  Mistakes known;
  if (!manifest.document.file.empty())
    spec.declared = declared_by(model::read_manifest(manifest.document, known));
  return spec;
}

Result<Spec> read_again(const Spec& spec) {
  const std::filesystem::path path = spec.folder / "plugin.yaml";
  if (!std::filesystem::exists(path)) return spec;
  Mistakes mistakes;
  const model::Manifest manifest =
      model::read_manifest(config::read_yaml(path, path.string(), mistakes), mistakes);
  if (!mistakes.empty()) return failed_precondition(mistakes.front().to_string());
  if (manifest.name != spec.name)
    return failed_precondition(path.string() + " is of the plugin " + manifest.name);
  if (!spec.declared.empty() && declared_by(manifest) != spec.declared) {
    return failed_precondition(
        path.string() +
        " declares other record types, commands, jobs or subscriptions than those in force; "
        "restart talond to take them in");
  }
  Spec fresh = spec_of(manifest, spec.settings);
  fresh.folder = spec.folder;
  fresh.is_mandatory = fresh.is_mandatory || spec.is_mandatory;
  fresh.declared = spec.declared;
  return fresh;
}

}  // namespace talon::plugins
