/// Queries for the lines of orders and deliveries and their products.
#include "trade_store.hpp"

#include <talon/id.hpp>

#include <algorithm>

namespace talon::trade {

Result<std::vector<OrderLine>> load_lines(const Records& records, const std::string& parent_type,
                                          const std::string& id) {
  const bool has_vat = parent_type == "customer_order";
  Query query;
  query.type = parent_type + "_line";
  query.fields = {"id", "product", "description", "quantity", "unit", "price"};
  if (has_vat) query.fields.insert(query.fields.end(), {"vat_category", "vat_rate"});
  query.where = parent_type + " is " + id;
  query.order = {"position"};
  TALON_TRY(const std::vector<Record> found, records.query(query));
  std::vector<OrderLine> lines;
  for (const Record& row : found) {
    OrderLine& line = lines.emplace_back();
    line.id = row.integer("id");
    line.product = row.integer("product");
    line.description = row.text("description");
    line.quantity = Decimal(row.is_empty("quantity") ? 10000 : row.integer("quantity"), 4);
    line.unit = row.text("unit");
    if (!row.is_empty("price")) line.price = Decimal(row.integer("price"), 6);
    if (!has_vat) continue;
    line.vat_category = row.text("vat_category");
    if (!row.is_empty("vat_rate")) line.vat_rate = Decimal(row.integer("vat_rate"), 2);
  }
  return lines;
}

Result<std::vector<Product>> load_products(const Host& host, const std::vector<OrderLine>& lines) {
  std::vector<int64_t> ids;
  for (const OrderLine& line : lines) {
    if (line.product != 0) ids.push_back(line.product);
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  std::vector<Product> products;
  for (const int64_t id : ids) {
    const auto row = host.records().get(
        "product", id_text("prd", id),
        {"id", "name", "unit", "currency", "price", "vat_category", "vat_rate", "is_active"});
    if (!row && row.error().code == Code::NotFound) continue;  // price_order names the line
    if (!row) return row.error();
    Product& product = products.emplace_back();
    product.id = id;
    product.name = row->text("name");
    product.unit = row->text("unit");
    product.currency = row->text("currency");
    if (!row->is_empty("price")) product.price = Decimal(row->integer("price"), 6);
    product.vat_category = row->text("vat_category");
    product.vat_rate = Decimal(row->integer("vat_rate"), 2);
    product.is_active = row->is_on("is_active");
  }
  return products;
}

void add_lines(Json& operation, const std::vector<OrderLine>& lines) {
  for (const OrderLine& line : lines) {
    ChangeSet::Fields fields = {{"description", line.description},
                                {"quantity", line.quantity.units()},
                                {"unit", line.unit},
                                {"price", line.price->units()},
                                {"vat_category", line.vat_category},
                                {"vat_rate", line.vat_rate->units()}};
    if (line.id != 0) fields.emplace_back("id", line.id);
    if (line.product != 0) fields.emplace_back("product", line.product);
    ChangeSet::add_row(operation, "lines", fields);
  }
}

}  // namespace talon::trade
