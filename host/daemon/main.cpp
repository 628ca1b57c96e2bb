/// talond: reads the settings, runs the installation, ends it on SIGTERM or SIGINT.
#include "host/config/secrets.hpp"
#include "host/config/yaml.hpp"
#include "host/daemon/installation.hpp"
#include "host/runtime/log.hpp"

#include <malloc.h>
#include <pthread.h>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>

namespace {

constexpr int kArenas = 4;  // of the allocator: one a thread would keep what each ever used
constexpr int kExitWrongUse = 2;
constexpr int kExitConfiguration = 3;

/// Blocks from this size on have pages of their own and go back to the system as soon as they are freed. Left
/// to itself the allocator raises this to 32 MB with the first large text: after the reload of ten thousand
/// policy files 10 MB more stayed.
constexpr int kOwnPages = 262'144;
/// What an arena keeps at its end for what comes next.
constexpr int kTopKept = 4'194'304;

struct Arguments {
  std::filesystem::path config = "config/talon.yaml";
  std::filesystem::path bootstrap;  ///< a 0600 file {"email","name","password"}
  std::filesystem::path port_file;  ///< where the port is written once requests are served
};

int usage() {
  std::fputs(
      "usage: talond [--config FILE] [--bootstrap FILE] [--port-file FILE]\n"
      "  --config     settings, default config/talon.yaml\n"
      "  --bootstrap  file with JSON {\"email\",\"name\",\"password\"} of the first administrator; for an "
      "empty "
      "database.\n"
      "               It must have mode 0600; delete it afterwards: it holds a password\n"
      "  --port-file  written with the port number as soon as requests are served\n",
      stderr);
  return kExitWrongUse;
}

bool read_arguments(int argc, char** argv, Arguments& arguments) {
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    if (name == "--config")
      arguments.config = argv[i + 1];
    else if (name == "--bootstrap")
      arguments.bootstrap = argv[i + 1];
    else if (name == "--port-file")
      arguments.port_file = argv[i + 1];
    else
      return false;
  }
  return argc % 2 == 1;
}

int fail(const talon::Error& error) {
  std::fprintf(stderr, "talond: %s\n", error.message.c_str());
  return error.code == talon::Code::InvalidArgument || error.code == talon::Code::FailedPrecondition
             ? kExitConfiguration
             : 1;
}

/// {"email", "name", "password"} of the first administrator; null: none is asked for. Before anything starts:
/// a file that cannot be taken changes nothing.
talon::Result<talon::Json> first_administrator(const std::filesystem::path& file) {
  if (file.empty()) return talon::Json();
  const auto text = talon::config::read_private_file(file, file.string());
  if (!text && text.error().code == talon::Code::NotFound)
    return talon::invalid(file.string() + " cannot be read: is it there, and yours?");
  if (!text) return text.error();
  auto person = talon::Json::parse(text->reveal());
  if (!person) return talon::invalid(file.string() + ": " + person.error().message);
  return person;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  if (!read_arguments(argc, argv, arguments)) return usage();
  mallopt(M_ARENA_MAX, kArenas);
  mallopt(M_MMAP_THRESHOLD, kOwnPages);
  mallopt(M_TRIM_THRESHOLD, kTopKept);
  // Blocked before any thread starts, so that all of them leave these signals to the wait below.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  auto settings = talon::config::read_settings(arguments.config);
  if (!settings) return fail(settings.error());
  const auto first = first_administrator(arguments.bootstrap);
  if (!first) return fail(first.error());
  talon::daemon::Installation installation(*std::move(settings),
                                           std::filesystem::canonical("/proc/self/exe"));
  if (auto started = installation.start(); !started) return fail(started.error());
  if (!first->is_null()) {
    if (auto made = installation.bootstrap(*first); !made) return fail(made.error());
  }
  installation.warn_without_people();
  talon::runtime::log().info("talond.started", {{"port", static_cast<int64_t>(installation.port())}});
  if (!arguments.port_file.empty()) {
    const std::filesystem::path draft = arguments.port_file.string() + ".new";
    std::ofstream(draft) << installation.port() << "\n";
    std::filesystem::rename(draft, arguments.port_file);  // whoever waits for it never reads half a number
  }
  int signal = 0;
  sigwait(&signals, &signal);
  talon::runtime::log().info("talond.stopping", {{"signal", static_cast<int64_t>(signal)}});
  installation.stop();
  return 0;
}
