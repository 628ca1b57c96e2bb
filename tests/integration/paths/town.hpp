/// An installation with two sides that must not see each other: on each a client, a supplier, a partner, a
/// franchisee and a franchisor with people and records of every type, every text of them unmistakable.
#pragma once

#include "tests/integration/paths/database.hpp"
#include "tests/support/running_talon.hpp"

#include <talon/model.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace talon::paths {

using support::Answer;
using support::ApiClient;

/// Somebody who asks.
struct Subject {
  std::string role;
  std::string user;   ///< id
  std::string party;  ///< id of whom they belong to; empty: one of us
  std::string token;
  bool is_outside() const { return !party.empty(); }
};

/// One text in the database that stands nowhere else.
struct Marker {
  std::string type;
  int64_t record = 0;
  std::string field;
};

class Town {
 public:
  Town();

  /// The one of this process, made at first use.
  static Town& shared();

  const model::Model& model() const { return *model_; }
  std::shared_ptr<const model::Model> shared_model() const { return model_; }
  uint16_t port() const { return talon_.port(); }
  /// One per shipped role; of the roles for outsiders, those of this side ("acme") or the other ("bolt").
  const std::vector<Subject>& acme() const { return sides_[0].people; }
  const std::vector<Subject>& bolt() const { return sides_[1].people; }
  const std::vector<Subject>& inside() const { return inside_; }
  const Subject& acme(std::string_view role) const;
  const Subject& bolt(std::string_view role) const;
  /// By the marker's text, "zq000123".
  const std::map<std::string, Marker, std::less<>>& markers() const { return markers_; }
  /// Ids of a type's rows before anybody was asked anything.
  const std::vector<int64_t>& rows(std::string_view type) const;
  /// A field of a row as it was then.
  const std::string& cell(std::string_view type, int64_t id, const std::string& field) const;
  /// A key that no request had before, as a header line.
  std::string key();
  /// The folder with the data as it was then.
  std::string data() const { return kept_.file("var"); }

 private:
  struct Side {
    std::string name;
    std::map<std::string, std::string> parties;  ///< by kind, "client"
    std::vector<Subject> people;
  };

  std::string make(const std::string& path, const Json& body);
  Answer done(const std::string& path, const Json& body);
  Subject person(const std::string& name, const std::string& role, const std::string& fact,
                 const std::string& party);
  void make_parties(Side& side);
  void make_people(Side& side);
  void make_documents(const Side& side);
  void make_trade(const Side& side);
  void make_franchise(const Side& side);
  void fill(Database& database);
  void add_row(Database& database, const model::RecordType& type, const Side& side, int64_t parent);
  void mark(Database& database);
  void remember(Database& database);

  support::RunningTalon talon_;
  support::TemporaryDirectory kept_;  ///< the data as it was before anybody was asked anything
  std::shared_ptr<const model::Model> model_;
  std::unique_ptr<ApiClient> admin_;
  std::string company_;
  Side sides_[2];
  std::vector<Subject> inside_;
  std::map<std::string, Marker, std::less<>> markers_;
  std::map<std::string, std::vector<int64_t>, std::less<>> rows_;
  std::map<std::pair<std::string, int64_t>, std::map<std::string, std::string>> cells_;
  int keys_ = 0;
  int64_t filled_ = 0;
};

/// The model of what ships, read from the manifests as the daemon reads them.
std::shared_ptr<const model::Model> shipped_model();
/// A text field that means nothing to any rule or plugin, with room for a marker.
bool takes_marker(const model::RecordType& type, const model::Field& field);

}  // namespace talon::paths
