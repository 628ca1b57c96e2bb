/// The manifests of the billing plugins are free of mistakes and say what the others build on.
#include "tests/support/source_model.hpp"

#include <gtest/gtest.h>

namespace talon {
namespace {

class BillingManifests : public ::testing::Test {
 protected:
  static const model::Model& types() {
    static const model::Model model =
        testing::source_model({"parties", "invoicing", "timesheets", "trade", "franchise"});
    return model;
  }
};

TEST_F(BillingManifests, HaveNoMistakes) {
  for (const char* type : {"party", "contact", "invoice", "invoice_line", "number_series", "payment",
                           "payment_allocation", "timesheet_entry", "rate", "product", "customer_order",
                           "delivery", "franchise_contract", "sales_record", "franchise_statement",
                           "turnover", "open_items", "time_worked", "franchise_turnover"}) {
    EXPECT_NE(types().find(type), nullptr) << type;
  }
}

TEST_F(BillingManifests, AskForAKeyWhereADocumentIsMadeOrMoneyMoves) {
  for (const char* type : {"invoice", "payment", "customer_order", "delivery", "franchise_statement"}) {
    EXPECT_TRUE(types().find(type)->needs_key) << type;
  }
  EXPECT_FALSE(types().find("party")->needs_key);
  for (const model::RecordType& type : types().types) {
    for (const model::Action& action : type.actions) {
      for (const std::string& right : action.elevates) {
        // A letter is no document; who asks twice gets two, of which the newer link holds.
        const bool is_document = right.ends_with(".create") && right != "mail.create";
        const bool makes = is_document || right == "number_series.edit";
        EXPECT_TRUE(action.needs_key || !makes) << type.name << "." << action.name << " takes " << right;
      }
    }
  }
}

TEST_F(BillingManifests, LetAClientSeeTimeFromTheStart) {
  const model::Field* field = types().find("party")->find_field("allow_timesheet_access");
  ASSERT_NE(field, nullptr);
  EXPECT_EQ(field->initial, "on");
}

TEST_F(BillingManifests, FreezeAnIssuedInvoiceButForItsSettlement) {
  const model::Freeze& frozen = types().find("invoice")->frozen;
  EXPECT_EQ(frozen.when, "state is issued");
  const std::vector<std::string> expected = {"settlement",     "sent_at",           "paid_total",
                                             "credited_total", "written_off_total", "balance"};
  EXPECT_EQ(frozen.except, expected);
}

TEST_F(BillingManifests, AskForAKeyWhereDocumentsAreMadeOrMoneyMoves) {
  for (const auto& [type, action] :
       std::vector<std::pair<std::string, std::string>>{{"invoice", "draft"},
                                                        {"invoice", "issue"},
                                                        {"invoice", "issue_many"},
                                                        {"invoice", "credit"},
                                                        {"invoice", "write_off"},
                                                        {"payment", "record"},
                                                        {"payment", "allocate"},
                                                        {"payment", "unallocate"},
                                                        {"timesheet_entry", "bill"},
                                                        {"customer_order", "invoice"},
                                                        {"franchise_statement", "invoice"}}) {
    const model::Action* found = types().find(type)->find_action(action);
    ASSERT_NE(found, nullptr) << type << "." << action;
    EXPECT_TRUE(found->needs_key) << type << "." << action;
  }
}

}  // namespace
}  // namespace talon
