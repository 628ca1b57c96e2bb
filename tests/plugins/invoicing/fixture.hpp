/// A fake host with two parties, and invoices as the tests need them.
#pragma once

#include "tests/support/source_model.hpp"

#include <gtest/gtest.h>
#include <talon/id.hpp>
#include <talon/testing/fake_host.hpp>
#include <talon/testing/plugin_under_test.hpp>

#include <string>

namespace talon::invoicing {

class InvoicingTest : public ::testing::Test {
 protected:
  InvoicingTest() : host(model()), plugin(host) {
    seller = host.add("party", {{"name", "Talon Services"}, {"is_company", 1}, {"country", "FR"}});
    client = host.add("party", {{"name", "Nordic"}, {"is_client", 1}, {"payment_terms_days", 45}});
    EXPECT_TRUE(plugin.start());
  }

  static const model::Model& model() {
    static const model::Model model = testing::source_model({"parties", "invoicing"});
    return model;
  }
  static std::string party(int64_t id) { return id_text("pty", id); }
  static std::string invoice_id(int64_t id) { return id_text("inv", id); }

  static Json line(std::string_view quantity, std::string_view price, std::string_view rate = "20") {
    return Json::object(
        {{"description", "Work"}, {"quantity", quantity}, {"price", price}, {"vat_rate", rate}});
  }
  Json content(Json lines) const {
    return Json::object({{"company", party(seller)},
                         {"client", party(client)},
                         {"currency", "EUR"},
                         {"lines", std::move(lines)}});
  }
  Result<Json> draft(const Json& invoice) {
    return plugin.action("invoice", 0, "draft", Json::object({{"invoice", invoice}}));
  }
  /// A draft of one line: 10 × 100.00 at 20 %, 1,200.00 with VAT.
  int64_t drafted() {
    const auto answer = draft(content(Json::array({line("10", "100")})));
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? *parse_id((*answer)["id"].string()) : 0;
  }
  int64_t issued() {
    const int64_t id = drafted();
    const auto answer = plugin.action("invoice", id, "issue");
    EXPECT_TRUE(answer) << answer.error().message;
    return id;
  }
  Result<Json> pay(std::string_view amount, const Json& more = Json::object()) {
    Json input = Json::object({{"client", party(client)}, {"amount", amount}});
    for (const auto& [name, value] : more.members()) input.set(name, value);
    return plugin.action("payment", 0, "record", input);
  }

  std::string text(int64_t invoice, std::string_view field) const {
    return host.text("invoice", invoice, field);
  }
  int64_t amount(int64_t invoice, std::string_view field) const {
    return host.value("invoice", invoice, field).integer();
  }
  /// invoice − credits − payments − write-offs = balance, for every issued invoice.
  void expect_balanced() const {
    for (const int64_t id : host.ids("invoice")) {
      if (text(id, "state") != "issued" || text(id, "kind") != "invoice") continue;
      EXPECT_EQ(amount(id, "payable_total") - amount(id, "credited_total") - amount(id, "paid_total") -
                    amount(id, "written_off_total"),
                amount(id, "balance"));
      int64_t allocated = 0;
      for (const int64_t row : host.ids("payment_allocation")) {
        if (host.value("payment_allocation", row, "invoice").integer() == id) {
          allocated += host.value("payment_allocation", row, "amount").integer();
        }
      }
      EXPECT_EQ(allocated, amount(id, "paid_total") + amount(id, "written_off_total"));
    }
  }

  testing::FakeHost host;
  testing::PluginUnderTest plugin;
  int64_t seller = 0;
  int64_t client = 0;
};

}  // namespace talon::invoicing
