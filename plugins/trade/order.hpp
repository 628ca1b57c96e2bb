/// Orders: what each line costs, filled in from the product where the order leaves it open.
#pragma once

#include <talon/decimal.hpp>
#include <talon/money.hpp>
#include <talon/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace talon::trade {

/// What a product gives to a line that does not say otherwise.
struct Product {
  int64_t id = 0;
  std::string name;
  std::string unit;
  std::string currency;
  std::optional<Decimal> price;  ///< scale 6
  std::string vat_category;
  Decimal vat_rate{0, 2};
  bool is_active = true;
};

/// A line of an order or delivery, as it is stored.
struct OrderLine {
  int64_t id = 0;
  int64_t product = 0;  ///< 0: none, then description and price are its own
  std::string description;
  Decimal quantity{10000, 4};
  std::string unit;
  std::optional<Decimal> price;
  std::string vat_category;
  std::optional<Decimal> vat_rate;
};

struct PricedOrder {
  std::vector<OrderLine> lines;  ///< every field filled in
  int64_t net_total = 0;         ///< minor units, before any VAT
  bool is_below_list = false;    ///< a price is under the product's own
};

/// Fills the lines in from their products and adds them up.
///
/// @param products  those that the lines name, by id; one that is missing is an error.
/// @errors  FailedPrecondition: a product is missing, inactive or in another currency, or a line has no
/// price; the
///          message names the line and what to do.
/// @threads any; pure.
Result<PricedOrder> price_order(const std::vector<OrderLine>& lines, const std::vector<Product>& products,
                                const Currency& currency);

/// quantity × price, rounded half away from zero to the minor unit.
Result<int64_t> line_total(const Decimal& quantity, const Decimal& price, const Currency& currency);

}  // namespace talon::trade
