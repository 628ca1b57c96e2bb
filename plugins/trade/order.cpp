/// Prices the lines of orders.
#include "order.hpp"

#include <algorithm>

namespace talon::trade {

namespace {

const Product* find(const std::vector<Product>& products, int64_t id) {
  const auto found =
      std::find_if(products.begin(), products.end(), [&](const Product& one) { return one.id == id; });
  return found == products.end() ? nullptr : &*found;
}

Result<void> fill_in(OrderLine& line, const Product& product, const std::string& name,
                     const Currency& currency) {
  if (!product.is_active)
    return failed_precondition(name + ": " + product.name + " is no longer sold; take it out");
  if (line.description.empty()) line.description = product.name;
  if (line.unit.empty()) line.unit = product.unit;
  if (line.vat_category.empty()) line.vat_category = product.vat_category;
  if (!line.vat_rate) line.vat_rate = product.vat_rate;
  if (line.price || !product.price) return {};
  if (product.currency != currency.code()) {
    return failed_precondition(name + ": " + product.name + " is priced in " + product.currency +
                               ", the order is in " + std::string(currency.code()) +
                               "; give the line a price");
  }
  line.price = product.price;
  return {};
}

}  // namespace

Result<int64_t> line_total(const Decimal& quantity, const Decimal& price, const Currency& currency) {
  const Int128 product = static_cast<Int128>(quantity.units()) * price.units();
  const Int128 magnitude = product < 0 ? -product : product;
  if (magnitude > (static_cast<Int128>(1) << 126) / 1000)
    return Error{Code::OutOfRange, "quantity × price is too large; split the line"};
  TALON_TRY(const int64_t amount,
            divide_rounded(product * power_of_ten(currency.digits()),
                           static_cast<Int128>(power_of_ten(quantity.scale())) * power_of_ten(price.scale()),
                           Rounding::HalfAwayFromZero));
  TALON_DO(Money::check(amount, currency));
  return amount;
}

Result<PricedOrder> price_order(const std::vector<OrderLine>& lines, const std::vector<Product>& products,
                                const Currency& currency) {
  if (lines.empty()) return failed_precondition("lines: an order needs at least one line");
  PricedOrder order;
  Int128 total = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string name = "line " + std::to_string(i + 1);
    OrderLine& line = order.lines.emplace_back(lines[i]);
    if (line.product != 0) {
      const Product* product = find(products, line.product);
      if (product == nullptr)
        return failed_precondition(name + ": its product is not there any more; choose another");
      TALON_DO(fill_in(line, *product, name, currency));
      const bool is_comparable = product->price && line.price && product->currency == currency.code();
      order.is_below_list = order.is_below_list || (is_comparable && *line.price < *product->price);
    }
    // What no list knows, accounts look at when it takes something off.
    order.is_below_list = order.is_below_list || (line.product == 0 && line.price && line.price->units() < 0);
    if (line.description.empty())
      return failed_precondition(name + ": description is empty and there is no product");
    if (!line.price)
      return failed_precondition(name + ": has no price; give it one, or a product that has one");
    if (line.quantity.units() <= 0) return failed_precondition(name + ": quantity must be above zero");
    if (line.unit.empty()) line.unit = "C62";
    if (line.vat_category.empty()) line.vat_category = "S";
    if (!line.vat_rate) line.vat_rate = Decimal(0, 2);
    const auto amount = line_total(line.quantity, *line.price, currency);
    if (!amount) return Error{amount.error().code, name + ": " + amount.error().message};
    total += *amount;
  }
  TALON_DO(Money::check(total, currency));
  order.net_total = static_cast<int64_t>(total);
  return order;
}

}  // namespace talon::trade
