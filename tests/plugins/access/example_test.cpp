/// The design's example set of policies: it holds, and its tests notice when it does not.
#include "tests/plugins/access/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace talon::access {
namespace {

TEST(Example, HasNoMistakeAndAllOfItsAssertionsPass) {
  TestReport report;
  prepared(example_documents(), *example_model(), &report);
  EXPECT_GE(report.assertions, 45);
  EXPECT_EQ(report.failed, 0);
}

TEST(Example, AFailedAssertionNamesTheLineThePersonAndTheRule) {
  std::vector<Document> documents = example_documents();
  for (Document& document :
       documents_of({{"tests/more.yaml",
                      "now: 2026-12-10 09:00\n"
                      "records:\n"
                      "  inv: {invoice: {partner: nordic, state: review, amount: 900}}\n"
                      "tests:\n"
                      "  - {as: ann@example.com, on: inv, can: approve}\n"
                      "  - {as: ann@example.com, on: inv, cannot: view}\n"
                      "  - {as: ann@example.com, on: inv, can: delete}\n"
                      "  - {as: ann@example.com, on: inv, cannot: approve, by: nordic-5000}\n"}})) {
    documents.push_back(std::move(document));
  }
  EXPECT_THAT(mistakes_of(documents, *example_model()),
              ::testing::ElementsAre(
                  "tests/more.yaml:5:5: FAILED ann@example.com cannot approve (rule invoice-four-eyes)",
                  "tests/more.yaml:6:5: FAILED ann@example.com can view (rule invoice-1)",
                  "tests/more.yaml:7:5: FAILED ann@example.com cannot delete (no rule allows it)",
                  "tests/more.yaml:8:5: FAILED ann@example.com cannot approve by invoice-four-eyes, not by "
                  "nordic-5000"));
}

}  // namespace
}  // namespace talon::access
