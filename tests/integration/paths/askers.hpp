/// The table of paths: for each route of the daemon how it is asked, about an object or as a whole.
#pragma once

#include "host/http/router.hpp"
#include "tests/integration/paths/town.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace talon::paths {

/// Where a test asks about few objects only: so many.
inline constexpr std::size_t kFew = 12;

/// One request.
struct Ask {
  std::string method;
  std::string path;
  std::string body = {};
  std::string headers = {};
  bool has_effect = false;  ///< on a record of which the asker has the rights
};
using Asks = std::vector<Ask>;

/// What requests are about: one record of each type, there or not, theirs or not.
class Objects {
 public:
  virtual ~Objects() = default;
  /// An id of the type.
  virtual std::string id(std::string_view type) = 0;
  /// A text that stands in a field of that record.
  virtual std::string text(std::string_view type, const std::string& field) = 0;
};

/// How a route is asked. `about` names objects and is called once for each set of them; `whole` names none.
struct Asker {
  std::function<Asks(const http::Route&, Objects&)> about = {};
  std::function<Asks(const http::Route&)> whole = {};
  /// Where it is asked instead, when it cannot be asked one request at a time.
  std::string elsewhere = {};
};

class Askers {
 public:
  explicit Askers(const Town& town);

  /// Null: nobody has said how this route is asked.
  const Asker* find(const http::Route& route) const;
  /// Addresses beside the router: pages, probes, what must not be there.
  static Asks besides();
  /// Names in the table that no route, action or command has.
  std::vector<std::string> idle(const http::Router& router) const;
  /// What an action or a command takes that cannot be told from its manifest, and that nobody has said.
  std::vector<std::string> untold(const http::Router& router) const;

 private:
  void add_reading();
  void add_writing();
  void add_account();
  void add_access();
  void add_plugins();
  Asks list_about(const model::RecordType& type, Objects& objects) const;
  Asks list_whole(const model::RecordType& type) const;
  Json body_of(const model::RecordType& type, Objects& objects) const;
  Json input_of(const model::RecordType& type, const model::Action& action, Objects& objects) const;

  const Town& town_;
  std::map<http::Operation, Asker> table_;
};

}  // namespace talon::paths
