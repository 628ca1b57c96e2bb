/// Cerbos beside us: another maker's policy engine from npm, with the invoice rules of ours in its language.
#pragma once

#include "tests/support/process.hpp"
#include "tests/support/temporary_directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cstdio>
#include <optional>
#include <string>

namespace talon::bench {

class CerbosServer {
 public:
  /// The program, installed at the first use; empty: it cannot be had here, and its figures are left out.
  static std::string program() {
    const std::string folder = std::string(TALON_SOURCE_DIR) + "/tests/bench/cerbos";
    const std::string path = folder + "/node_modules/@cerbos/cerbos-linux-x64/cerbos-linux-x64";
    if (::access(path.c_str(), X_OK) == 0) return path;
    std::fprintf(stderr, "bench: installing Cerbos from npm (once) ...\n");
    const auto done = support::run_program({"npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"},
                                           {.directory = folder});
    return done && ::access(path.c_str(), X_OK) == 0 ? path : std::string();
  }

  /// @param documents  so many partners' documents of four rules each beside the invoice's own.
  explicit CerbosServer(int documents = 0) : port_(support::free_port()), grpc_port_(support::free_port()) {
    write_invoice_rules(true);
    for (int i = 0; i < documents; ++i) write_partner(i);
    directory_.write("cerbos.yaml",
                     "server: {httpListenAddr: '127.0.0.1:" + std::to_string(port_) +
                         "', grpcListenAddr: '127.0.0.1:" + std::to_string(grpc_port_) +
                         "'}\nstorage: {driver: disk, disk: {directory: " + directory_.file("policies") +
                         ", watchForChanges: true}}\ntelemetry: {disabled: true}\n");
    auto child = support::Child::start({program(), "server", "--config", directory_.file("cerbos.yaml")}, {});
    if (child) child_.emplace(*std::move(child));
  }

  uint16_t port() const { return static_cast<uint16_t>(port_); }
  int pid() const { return child_ ? child_->pid() : 0; }
  bool is_running() { return child_ && child_->is_running(); }
  std::string errors() const { return child_ ? child_->errors() : "it did not start"; }

  /// As config/policies/rules/invoicing.yaml says it of accountants. @param may_approve  else nobody may.
  void write_invoice_rules(bool may_approve) {
    directory_.write("policies/invoice.yaml",
                     R"(apiVersion: api.cerbos.dev/v1
resourcePolicy:
  resource: invoice
  version: default
  rules:
    - actions: [view, export, draft, calculate, issue, send, credit]
      effect: EFFECT_ALLOW
      roles: [accountant]
    - actions: [create, reopen, cancel, edit, delete)" +
                         std::string(may_approve ? ", approve" : "") + R"(]
      effect: EFFECT_ALLOW
      roles: [accountant]
      condition: {match: {expr: 'request.resource.attr.state in ["draft", "approved"]'}}
    - actions: [approve]
      effect: EFFECT_DENY
      roles: ["*"]
      condition: {match: {expr: 'request.resource.attr.created_by == request.principal.id'}}
    - actions: [view]
      effect: EFFECT_ALLOW
      roles: [client]
      condition: {match: {expr: 'request.resource.attr.client in request.principal.attr.client'}}
)");
  }

 private:
  void write_partner(int number) {
    std::string rules;
    for (const char* action : {"send", "approve", "credit", "issue"}) {
      rules +=
          "    - {actions: [" + std::string(action) +
          "], effect: EFFECT_DENY, roles: ['*'], condition: {match: {expr: 'request.resource.attr.net > " +
          std::to_string(1000 + number) + "'}}}\n";
    }
    directory_.write("policies/partner_" + std::to_string(number) + ".yaml",
                     "apiVersion: api.cerbos.dev/v1\nresourcePolicy:\n  resource: invoice_" +
                         std::to_string(number) + "\n  version: default\n  rules:\n" + rules);
  }

  support::TemporaryDirectory directory_;
  int port_;
  int grpc_port_;
  std::optional<support::Child> child_;
};

}  // namespace talon::bench
