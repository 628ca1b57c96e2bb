/// Values that must not be shown: they print as *** and give their content only when asked for by name.
#pragma once

#include <talon/json.hpp>

#include <ostream>
#include <string>
#include <utility>

namespace talon::runtime {

/// A password, key or token. Its memory is overwritten when it ends.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(const Secret&) = default;
  Secret(Secret&&) = default;
  Secret& operator=(const Secret&) = default;
  Secret& operator=(Secret&&) = default;
  ~Secret() {
    for (volatile char& c : text_) c = 0;
  }

  const std::string& reveal() const { return text_; }
  bool is_empty() const { return text_.empty(); }

 private:
  std::string text_;
};

/// A value about a person: a name, an address.
template <typename T>
class Personal {
 public:
  Personal() = default;
  explicit Personal(T value) : value_(std::move(value)) {}
  const T& reveal() const { return value_; }

 private:
  T value_;
};

inline std::ostream& operator<<(std::ostream& out, const Secret&) { return out << "***"; }
template <typename T>
std::ostream& operator<<(std::ostream& out, const Personal<T>&) {
  return out << "***";
}
inline Json to_json(const Secret&) { return Json("***"); }
template <typename T>
Json to_json(const Personal<T>&) {
  return Json("***");
}

}  // namespace talon::runtime
