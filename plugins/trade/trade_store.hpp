/// Reads and writes the lines of orders and deliveries.
#pragma once

#include "order.hpp"

#include <talon/plugin.hpp>

#include <string>
#include <vector>

namespace talon::trade {

/// The lines of a record. @param parent_type  "customer_order" or "delivery".  @param id  text form.
Result<std::vector<OrderLine>> load_lines(const Records& records, const std::string& parent_type,
                                          const std::string& id);

/// The products that the lines name, read as the plugin: what is ordered is priced in full.
Result<std::vector<Product>> load_products(const Host& host, const std::vector<OrderLine>& lines);

/// Puts priced lines on an operation as its child list.
void add_lines(Json& operation, const std::vector<OrderLine>& lines);

}  // namespace talon::trade
