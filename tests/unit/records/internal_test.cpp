/// Fields that nobody is shown, in what callers ask.
#include "tests/unit/records/fixture.hpp"

namespace talon::records {
namespace {

TEST_F(RecordsTest, OfWhatNobodyIsShownAConditionSaysWhatItSaysOfNoField) {
  model::Model model = *model_;
  for (model::RecordType& type : model.types) {
    for (model::Field& field : type.fields) field.is_internal = type.name == "party" && field.name == "iban";
  }
  allow_all(kAnn, "party");
  create(kAnn, "party", R"({"name":"Acme","iban":"DE1"})");
  records_->set_model(std::make_shared<const model::Model>(model));
  QueryRequest request;
  request.type = "party";
  request.fields = {"name"};
  const auto asked = [&](const Call& call, const std::string& where) {
    request.where = where;
    const auto found = rows(call, request);
    return found ? std::to_string(found->size()) : found.error().message + found.error().details;
  };
  for (const std::string after : {" is DE1", " is empty", " > 5", " within last 3 days", ".x is 1"}) {
    std::string of_none = asked(as(kAnn), "ibam" + after);
    for (std::size_t at = 0; (at = of_none.find("ibam", at)) != std::string::npos;) of_none[at + 3] = 'n';
    EXPECT_EQ(asked(as(kAnn), "iban" + after), of_none);
    EXPECT_THAT(of_none, HasSubstr("no field"));
  }
  EXPECT_EQ(asked(as(kAnn), "name is iban"), "0") << "a text like any other";
  EXPECT_EQ(asked(as(kAnn), "name is ibam"), "0");
  EXPECT_THAT(asked(as(kAnn), "ibans is x"), Not(HasSubstr("Did you mean")));
  EXPECT_EQ(asked(system(), "iban is DE1"), "1") << "code asks for it";
}

}  // namespace
}  // namespace talon::records
