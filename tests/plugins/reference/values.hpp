/// The reference's own values: written texts, compared as what they mean.
#pragma once

#include "tests/plugins/reference/reference.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace talon::reference {

Truth both(Truth a, Truth b);
Truth opposite(Truth truth);

inline std::string trimmed(const std::string& text) {
  const std::size_t from = text.find_first_not_of(' ');
  return from == std::string::npos ? "" : text.substr(from, text.find_last_not_of(' ') - from + 1);
}

/// "12.5" as ten-thousandths.
inline long long ten_thousandths(const std::string& text) {
  const std::size_t dot = text.find('.');
  std::string decimals = dot == std::string::npos ? "" : text.substr(dot + 1);
  decimals.resize(4, '0');
  return std::stoll(text.substr(0, dot) + decimals);
}

inline int order(const std::string& a, const std::string& b, model::FieldType type) {
  using model::FieldType;
  if (type == FieldType::Money || type == FieldType::Decimal || type == FieldType::Integer) {
    const long long left = ten_thousandths(a);
    const long long right = ten_thousandths(b);
    return left < right ? -1 : left > right ? 1 : 0;
  }
  if (type == FieldType::Boolean) {
    const auto is_on = [](const std::string& text) {
      return text == "on" || text == "yes" || text == "true";
    };
    return is_on(a) == is_on(b) ? 0 : 1;
  }
  return a < b ? -1 : a > b ? 1 : 0;  // days are written so that they sort as texts
}

inline std::string day_plus(const std::string& day, int days) {
  using namespace std::chrono;
  const year_month_day from{year(std::stoi(day.substr(0, 4))),
                            month(static_cast<unsigned>(std::stoi(day.substr(5, 2)))),
                            std::chrono::day(static_cast<unsigned>(std::stoi(day.substr(8, 2))))};
  const year_month_day to{sys_days(from) + std::chrono::days(days)};
  char text[16];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(to.year()),
                static_cast<unsigned>(to.month()), static_cast<unsigned>(to.day()));
  return text;
}

}  // namespace talon::reference
