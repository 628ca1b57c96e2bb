/// From settings and manifests to what the rooms are made with.
#include "host/daemon/specs.hpp"

#include <algorithm>
#include <thread>

namespace talon::daemon {

namespace {
constexpr int kLoopsMax = 8;  // more than that is for what loops do not do themselves
}

std::filesystem::path plugin_directory(const config::Settings& settings,
                                       const std::filesystem::path& program) {
  if (!settings.plugins.directory.empty()) return settings.plugins.directory;
  return program.parent_path().parent_path() / "plugins";
}

std::vector<plugins::Spec> specs_of(const config::Settings& settings, const model::LoadedModel& model) {
  std::vector<plugins::Spec> specs;
  for (const model::Manifest& manifest : model.manifests) {
    const auto found = model.settings.find(manifest.name);
    plugins::Spec spec =
        plugins::spec_of(manifest, found == model.settings.end() ? Json::object() : found->second);
    spec.settings.set("data_directory", std::filesystem::absolute(settings.data).string());
    const std::vector<std::string>& mandatory = settings.plugins.mandatory;
    spec.is_mandatory =
        spec.is_mandatory || std::find(mandatory.begin(), mandatory.end(), spec.name) != mandatory.end();
    specs.push_back(std::move(spec));
  }
  return specs;
}

http::ServerOptions server_options(const config::Settings& settings, int node) {
  http::ServerOptions options;
  options.api.node = node;
  options.api.address = settings.listen.address;
  options.api.port = static_cast<uint16_t>(settings.listen.port);
  options.api.certificate_file = settings.listen.certificate.string();
  options.api.key_file = settings.listen.key.string();
  options.api.threads = std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, kLoopsMax);
  options.api.trusted_proxies = settings.listen.trusted_proxies;
  options.api.body_bytes_max = static_cast<uint64_t>(settings.limits.request_bytes);
  options.api.connections_max = static_cast<std::size_t>(settings.limits.connections);
  options.api.idle_time = std::chrono::milliseconds(settings.limits.idle_ms);
  if (settings.listen.metrics_port >= 0) {
    options.metrics.emplace();
    options.metrics->address = settings.listen.metrics_address;
    options.metrics->port = static_cast<uint16_t>(settings.listen.metrics_port);
  }
  options.workers.threads = settings.limits.workers;
  options.workers.queue_max = static_cast<std::size_t>(settings.limits.queue);
  return options;
}

std::string absolute_url(const std::string& url, const std::filesystem::path& data) {
  static constexpr std::string_view kSqlite = "sqlite:";
  if (!url.starts_with(kSqlite)) return url;
  const std::filesystem::path path = url.substr(kSqlite.size());
  return std::string(kSqlite) + (path.is_absolute() ? path : data / path).string();
}

}  // namespace talon::daemon
