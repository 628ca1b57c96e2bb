/// The mappings in force and who runs now: what commands, jobs and events share.
#pragma once

#include "run.hpp"

#include <memory>
#include <mutex>
#include <set>

namespace talon::sync {

/// Mappings with the model they were checked against.
struct Mappings {
  model::Model model;
  std::vector<Connector> connectors;

  const Connector* find(std::string_view name) const;
};

/// @threads any.
class Service {
 public:
  explicit Service(Host& host) : host_(host) {}

  Host& host() const { return host_; }
  std::shared_ptr<const Mappings> mappings() const;
  void set_mappings(std::shared_ptr<const Mappings> mappings);

  /// Holds a connector for one run; released when it is dropped.
  class Hold {
   public:
    Hold(Service& service, std::string name) : service_(&service), name_(std::move(name)) {}
    Hold(Hold&& other) noexcept
        : service_(std::exchange(other.service_, nullptr)), name_(std::move(other.name_)) {}
    Hold& operator=(Hold&&) = delete;
    ~Hold();

   private:
    Service* service_;
    std::string name_;
  };
  /// @return Unavailable: a run of this connector is under way.
  Result<Hold> hold(const std::string& connector);

 private:
  Host& host_;  // outlives this; owned by the shim
  mutable std::mutex mutex_;
  std::shared_ptr<const Mappings> mappings_ = std::make_shared<Mappings>();
  std::set<std::string> running_;
};

/// Runs what is due by `schedule:`. @return the last failure, after all were tried.
Result<void> run_due(Service& service);

}  // namespace talon::sync
