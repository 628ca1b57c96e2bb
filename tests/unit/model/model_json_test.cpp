/// The model as JSON, paths through it, and the documents that travel as JSON.
#include <talon/document.hpp>
#include <talon/model.hpp>

#include <gtest/gtest.h>

namespace talon::model {
namespace {

Field field(std::string name, FieldType type, std::string to = {}) {
  Field made;
  made.name = std::move(name);
  made.type = type;
  made.to = std::move(to);
  return made;
}

Model sample() {
  Model model;
  RecordType party;
  party.name = "party";
  party.plural = "parties";
  party.prefix = "pty";
  party.fields = {field("country", FieldType::Text), field("partner", FieldType::Ref, "party"),
                  field("email", FieldType::Text)};
  party.fields[2].format = TextFormat::Email;
  party.fields[2].is_one_line = true;
  model.types.push_back(party);

  RecordType invoice;
  invoice.name = "invoice";
  invoice.plural = "invoices";
  invoice.label = {{"en", "Invoice"}, {"fr", "Facture"}};
  invoice.fields = {field("client", FieldType::Ref, "party"), field("net", FieldType::Money)};
  invoice.fields[1].currency = "currency";
  invoice.fields[1].min = 0;
  invoice.fields[1].set_by = SetBy::Action;
  invoice.lists = {{"lines", "invoice_line"}};
  invoice.unique = {{"series", "number"}};
  invoice.actions = {{.name = "issue",
                      .from = {"draft"},
                      .to = "issued",
                      .run = Run::Code,
                      .needs_key = true,
                      .input = {field("day", FieldType::Date)},
                      .elevates = {"number_series.edit"}}};
  invoice.frozen = {"state is issued", {"sent_at"}};
  invoice.partner_paths = {"client"};
  invoice.read_log = ReadLog::Durable;
  invoice.base_actions = {"view", "create"};
  model.types.push_back(invoice);

  RecordType line;
  line.name = "invoice_line";
  line.kind = Kind::Child;
  line.parent = "invoice";
  model.types.push_back(line);

  RecordType view;
  view.name = "turnover";
  view.kind = Kind::View;
  view.view = {"invoice", "state is issued", {{"net", ViewColumn::Function::Sum, "net", "net > 0"}}};
  model.types.push_back(view);
  model.commands = {{"sync", "plan", {{"en", "Plan"}}, "plan", true},
                    {"sync", "tell", {}, "plan", false, true}};
  model.jobs = {{"audit", "seal", 1000}};
  model.subscriptions = {{"invoice.issued", {"sync"}}};
  return model;
}

TEST(ModelJson, ReadsBackWhatItWrote) {
  const Model model = sample();
  const auto text = write_model(model).to_string();
  const auto json = Json::parse(text);
  ASSERT_TRUE(json);
  const auto read = read_model(*json);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, model);
}

TEST(ModelJson, RefusesAnUnknownFieldType) {
  const auto json = Json::parse(R"({"types":[{"name":"a","fields":[{"name":"b","type":"float"}]}]})");
  ASSERT_TRUE(json);
  EXPECT_FALSE(read_model(*json));
}

TEST(ModelLookup, NamesTheTypesThatHaveRecordsOfTheirOwn) {
  EXPECT_EQ(stored_types(sample()), (std::vector<std::string>{"party", "invoice"}));
}

TEST(ModelLookup, FollowsUpToThreeLinks) {
  const Model model = sample();
  const RecordType& invoice = *model.find("invoice");
  const auto country = resolve_path(model, invoice, "client.partner.partner.country");
  ASSERT_TRUE(country) << country.error().message;
  EXPECT_EQ((*country)->name, "country");
  EXPECT_FALSE(resolve_path(model, invoice, "client.partner.partner.partner.country"));
}

TEST(ModelLookup, NamesThePartThatIsNotThereWithASuggestion) {
  const Model model = sample();
  const auto missing = resolve_path(model, *model.find("invoice"), "client.contry");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message, "party has no field \"contry\". Did you mean \"country\"?");
  const auto host = resolve_path(model, *model.find("invoice"), "creatd_by");
  ASSERT_FALSE(host);
  EXPECT_EQ(host.error().message, "invoice has no field \"creatd_by\". Did you mean \"created_by\"?");
}

TEST(ModelLookup, KnowsTheHostsFieldsOfEachKind) {
  const Model model = sample();
  EXPECT_EQ(model.find("invoice")->find_field("id")->to, "invoice");
  EXPECT_EQ(model.find("party")->find_field("id")->to, "party");
  EXPECT_EQ(model.find("invoice_line")->find_field("invoice")->to, "invoice");
  EXPECT_EQ(model.find("invoice_line")->find_field("created_by"), nullptr);
  EXPECT_EQ(model.find("turnover")->find_field("id"), nullptr);
  EXPECT_TRUE(resolve_path(model, *model.find("invoice_line"), "invoice.client.country"));
}

TEST(ModelLookup, SuggestsOnlyWhatIsNear) {
  const std::vector<std::string> words = {"draft", "deny", "allow"};
  EXPECT_EQ(nearest("drafft", words), "draft");
  EXPECT_EQ(nearest("denny", words), "deny");
  EXPECT_EQ(nearest("Allow", words), "allow");
  EXPECT_EQ(nearest("dney", words), "deny");
  EXPECT_EQ(nearest("invoice", words), "");
  EXPECT_EQ(nearest("", words), "");
  EXPECT_EQ(nearest("x", {"y"}), "");
}

TEST(DocumentJson, ReadsBackWhatItWrote) {
  Node key{.kind = Node::Kind::Scalar, .place = {1, 1}, .text = "a\"b"};
  Node secret{
      .kind = Node::Kind::Scalar, .place = {1, 5}, .text = "smtp", .tag = "!secret", .is_quoted = true};
  Node list{.kind = Node::Kind::Sequence, .place = {2, 3}, .items = {secret, Node{}}};
  Node root{.kind = Node::Kind::Map, .place = {1, 1}, .entries = {{key, list}}};
  const std::vector<Document> documents = {{"config/é.yaml", root}, {"b.yaml", Node{}}};
  const std::string text = write_documents(documents);
  const auto read = read_documents(text);
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ(write_documents(*read), text);
  EXPECT_EQ((*read)[0].root.find("a\"b")->items[0].tag, "!secret");
}

TEST(DocumentJson, ReadsTheSameInOtherWords) {
  const auto read = read_documents(R"( {"more": 1, "documents": [ {"root": ["l", 1, 2, )"
                                   R"([["s", 3, 4, "\u0061", true, ""], ["n",5,6]]], "file": "a"} ]} )");
  ASSERT_TRUE(read);
  EXPECT_EQ(write_documents(*read),
            R"({"documents":[{"file":"a","root":["l",1,2,[["s",3,4,"a",true,""],["n",5,6]]]}]})");
  EXPECT_TRUE(read_documents(R"({"documents":[]})"));
  EXPECT_TRUE(read_documents(R"( { "documents" : [ {"file":"a", "root": [ "n" , 1 , 1 ] } ] } )"));
}

TEST(DocumentJson, RefusesWhatIsCutShort) {
  const std::string text =
      R"({"documents":[{"file":"a","root":["m",1,1,[[["s",1,1,"k",false,""],["l",1,2,[["n",1,3]]]]]]}]})";
  ASSERT_TRUE(read_documents(text));
  for (std::size_t size = 0; size < text.size(); ++size) EXPECT_FALSE(read_documents(text.substr(0, size)));
  EXPECT_FALSE(read_documents(text + "x"));
  EXPECT_FALSE(read_documents(R"({"documents":[{"file":"a","root":["s",1,-1,"k",maybe,""]}]})"));
}

TEST(DocumentJson, RefusesANodeOfAnotherShape) {
  EXPECT_FALSE(read_documents(R"({"documents":[{"file":"a","root":["x",1,1]}]})"));
  EXPECT_FALSE(read_documents(R"([])"));
}

TEST(DocumentJson, RefusesDocumentsOfAnotherShape) {
  EXPECT_FALSE(read_documents(R"({})"));
  EXPECT_FALSE(read_documents(R"({"documents":[{"file":"a"}]})"));
  EXPECT_FALSE(read_documents(R"({"documents":[{"root":["n",1,1]}]})"));
  EXPECT_FALSE(read_documents(R"({"documents":[{"file":"a","root":"n"}]})"));
  EXPECT_FALSE(read_documents(R"({"documents":[{"file":"a","root":]}]})"));
  EXPECT_FALSE(read_documents(R"({"documents":[{"file":"a","file":"a","root":["n",1,1]}]})"));
  EXPECT_FALSE(read_documents(R"({"documents":[{"file":"a","root":["n",1,1],"root":["n",1,1]}]})"));
  EXPECT_FALSE(read_documents(R"({"documents":[],"documents":[]})"));
  EXPECT_FALSE(read_documents(R"({"documents":[{"file":"a","root":["n",1,1],"more":[}]})"));
  EXPECT_FALSE(read_documents(R"({"documents":[{"file":"a","root":["n",1,1}]})"));
  EXPECT_TRUE(read_documents(R"({"documents":[{"file":"a","root":["n",1,1],"more":[{"a":1}]}],"b":"]"})"));
}

TEST(DocumentJson, SplitsWithoutReading) {
  const std::string text =
      R"({"documents":[{"file":"a","root":["m",1,1,[[["s",1,1,"k]\"",true,""],["n",1,3]]]]},)"
      R"({"root": [ "m",1,1,[ [ ["s",1,1,"\u006b",false,""],["x"]]]],"file":"b"},)"
      R"({"file":"c","root":["m",1,1,[]]}]})";
  const auto split = split_documents(text);
  ASSERT_TRUE(split) << split.error().message;
  ASSERT_EQ(split->size(), 3U);
  EXPECT_EQ((*split)[0].first_key(), "k]\"");
  EXPECT_EQ((*split)[0].read()->root.entries[0].first.text, "k]\"");
  EXPECT_EQ((*split)[1].file, "b");
  EXPECT_EQ((*split)[1].first_key(), "k");
  EXPECT_FALSE((*split)[1].read());
  EXPECT_EQ((*split)[2].first_key(), "");
  EXPECT_TRUE((*split)[2].read());
}

TEST(DocumentJson, KeepsMistakes) {
  const Mistakes mistakes = {{"a.yaml", {3, 7}, "unknown word \"denny\""}};
  const auto read = read_mistakes(write_mistakes(mistakes));
  ASSERT_TRUE(read);
  EXPECT_EQ((*read)[0].to_string(), "a.yaml:3:7: unknown word \"denny\"");
}

}  // namespace
}  // namespace talon::model
