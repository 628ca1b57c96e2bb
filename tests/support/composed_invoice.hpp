/// Stands for invoicing's command `compose` in tests of plugins that bill: a draft without arithmetic.
#pragma once

#include <talon/testing/fake_host.hpp>

namespace talon::testing {

/// Answers `invoicing.compose` and keeps what it was asked.
class ComposedInvoice {
 public:
  explicit ComposedInvoice(FakeHost& host) {
    host.on_command("invoicing.compose", [this](const Json& args) -> Result<std::string> {
      if (fails) return failed_precondition("invoicing refuses");
      asked = args;
      const Json& invoice = args["invoice"];
      Json set = Json::object({{"company", invoice["company"]}, {"client", invoice["client"]}});
      for (const char* name : {"currency", "source", "source_key"}) {
        if (!invoice[name].is_null()) set.set(name, invoice[name]);
      }
      const Json op =
          Json::object({{"op", "create"}, {"type", "invoice"}, {"as", args["as"]}, {"set", std::move(set)}});
      return Json::object({{"operations", Json::array({op})},
                           {"events", Json::array()},
                           {"totals", Json::object({{"net_total", "0.00"}})}})
          .to_string();
    });
  }

  Json asked;  ///< the last arguments
  bool fails = false;
};

}  // namespace talon::testing
