/// Manifests to a model: what ships is right, and every kind of mistake is told at its place.
#include "host/model/load.hpp"

#include "host/config/yaml.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace talon::model {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ReadManifest manifest(std::string_view text, const std::string& file = "p.yaml") {
  ReadManifest read;
  read.manifest = read_manifest(config::read_yaml_text(text, file, read.mistakes), read.mistakes);
  return read;
}

std::vector<std::string> lines(const Mistakes& mistakes) {
  std::vector<std::string> out;
  for (const Mistake& mistake : mistakes) out.push_back(mistake.to_string());
  return out;
}

LoadedModel merge(std::vector<std::string> texts, const std::vector<std::string>& extensions = {},
                  std::string_view settings = "") {
  std::vector<ReadManifest> read;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    read.push_back(manifest(texts[i], std::string(1, static_cast<char>('a' + i)) + ".yaml"));
  }
  Mistakes mistakes;
  std::vector<Document> documents;
  for (const std::string& text : extensions)
    documents.push_back(config::read_yaml_text(text, "x.yaml", mistakes));
  const Node node = config::read_yaml_text(settings, "talon.yaml", mistakes).root;
  EXPECT_THAT(lines(mistakes), IsEmpty());
  return merge_model(std::move(read), documents, node, "talon.yaml");
}

constexpr const char* kHead = "version: 1.0.0\nsdk: 1\noffers: [talon.actions/1]\n";

std::string shop(const std::string& fields, const std::string& rest = "") {
  return std::string("plugin: shop\n") + kHead +
         "records:\n  sale:\n    plural: sales\n    prefix: sal\n    fields:\n" + fields + rest;
}

/// The mistakes of one manifest with one record whose fields are `fields`.
std::vector<std::string> wrong(const std::string& fields, const std::string& rest = "") {
  return lines(merge({shop(fields, rest)}).mistakes);
}

TEST(LoadModel, EveryManifestThatShipsIsRight) {
  const fs::path source = TALON_SOURCE_DIR;
  const LoadedModel loaded = load_model({.plugin_directories = {source / "plugins", source / "connectors"},
                                         .extensions_directory = source / "config/extensions",
                                         .root = source});
  EXPECT_THAT(lines(loaded.mistakes), IsEmpty());
  EXPECT_THAT(loaded.refused, IsEmpty());
  const RecordType* invoice = loaded.model.find("invoice");
  ASSERT_NE(invoice, nullptr);
  EXPECT_EQ(invoice->plugin, "invoicing");
  EXPECT_EQ(loaded.model.find("invoice_line")->parent, "invoice");
  EXPECT_EQ(loaded.model.find("turnover")->find_field("net")->currency, "currency");
  EXPECT_EQ(loaded.model.find("user")->plugin, "host");
  const auto position = [&](std::string_view name) { return loaded.find(name) - loaded.manifests.data(); };
  EXPECT_LT(position("parties"), position("invoicing"));
  EXPECT_LT(position("invoicing"), position("franchise"));
  const auto back = read_model(write_model(loaded.model));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, loaded.model);
}

TEST(LoadModel, TheBuiltInTypesAreThereWithoutAnyPlugin) {
  const LoadedModel loaded = merge({});
  EXPECT_TRUE(loaded.model.find("user")->is_security);
  EXPECT_TRUE(loaded.model.find("user")->find_field("password_hash")->is_internal);
  EXPECT_EQ(loaded.model.find("user_role")->parent, "user");
}

TEST(Manifest, NamesUnknownWordsWithASuggestion) {
  EXPECT_THAT(wrong("      day: {type: dat}\n"),
              ElementsAre(AllOf(HasSubstr("a.yaml:10:19: \"dat\" is not one of"),
                                HasSubstr("Did you mean \"date\"?"))));
  EXPECT_THAT(
      wrong("      day: {type: date, requird: yes}\n"),
      ElementsAre("a.yaml:10:25: unknown key \"requird\" in field \"day\". Did you mean \"required\"?"));
  EXPECT_THAT(wrong("      day: {type: date}\n", "    actons: {}\n"),
              ElementsAre(HasSubstr("Did you mean \"actions\"?")));
  EXPECT_THAT(wrong("      who: {type: ref, to: usr}\n"),
              ElementsAre("a.yaml:10:28: there is no record type \"usr\". Did you mean \"user\"?"));
}

TEST(Manifest, TellsAllMistakesOfAFileAtOnce) {
  EXPECT_THAT(
      lines(merge({"plugin: Shop\nversion: 1\nsdk: 2\noffers: [talon.action/1]\nfoo: 1\n"}).mistakes),
      ElementsAre(HasSubstr("a.yaml:1:9: \"Shop\" is no name"), HasSubstr("a.yaml:2:10: \"1\" is no version"),
                  HasSubstr("a.yaml:3:6: the plugin is made for sdk 2"),
                  HasSubstr("a.yaml:4:9: \"talon.action/1\""), HasSubstr("a.yaml:5:1: unknown key \"foo\"")));
}

TEST(Manifest, RefusesFieldsThatMeanNothing) {
  EXPECT_THAT(wrong("      is: {type: text}\n"), ElementsAre(HasSubstr("a word of the condition language")));
  EXPECT_THAT(wrong("      version: {type: integer}\n"),
              ElementsAre(HasSubstr("has a field \"version\" already")));
  EXPECT_THAT(wrong("      a: {type: json}\n"), ElementsAre(HasSubstr("cannot stand here")));
  EXPECT_THAT(wrong("      a: {type: decimal}\n"), ElementsAre(HasSubstr("needs \"scale\"")));
  EXPECT_THAT(wrong("      a: {type: choice, choices: [x, x]}\n"), ElementsAre(HasSubstr("each once")));
  EXPECT_THAT(wrong("      a: {type: choice, choices: [open], initial: opn}\n"),
              ElementsAre(HasSubstr("Did you mean \"open\"?")));
  EXPECT_THAT(wrong("      a: {type: integer, min: 5, max: 3}\n"),
              ElementsAre(HasSubstr("\"min\" is more than")));
  EXPECT_THAT(wrong("      a: {type: text, scale: 2}\n"), ElementsAre(HasSubstr("unknown key \"scale\"")));
  EXPECT_THAT(wrong("      a: {type: money, currency: curency}\n      currency: {type: text}\n"),
              ElementsAre(HasSubstr("a.yaml:10:34: there is no field \"curency\"")));
}

TEST(Manifest, ChecksStatesFreezeAndComputedConditions) {
  const std::string state = "      state: {type: state, choices: [draft, done], initial: draft}\n";
  EXPECT_THAT(wrong(state, "    actions: {finish: {from: drafft, to: done}}\n"),
              ElementsAre(AllOf(HasSubstr("a.yaml:11:30:"), HasSubstr("Did you mean \"draft\"?"))));
  EXPECT_THAT(wrong("      a: {type: text}\n", "    actions: {finish: {to: done}}\n"),
              ElementsAre(HasSubstr("has no state field")));
  EXPECT_THAT(wrong(state, "    frozen: {when: stat is done}\n"),
              ElementsAre(HasSubstr("Did you mean \"state\"?")));
  EXPECT_THAT(
      wrong(state + "      user: {type: ref, to: user}\n", "    frozen: {when: user.state is active}\n"),
      ElementsAre(HasSubstr("own fields")));
  EXPECT_THAT(wrong(state + "      day: {type: date}\n", "    frozen: {when: day before today}\n"),
              ElementsAre(HasSubstr("cannot read today")));
  EXPECT_THAT(wrong(state, "    frozen: {when: state is done, except: [stat]}\n"),
              ElementsAre(HasSubstr("Did you mean \"state\"?")));
  EXPECT_THAT(wrong(state + "      late: {type: boolean, computed: \"state is don\"}\n"),
              ElementsAre(AllOf(HasSubstr("a.yaml:11:"), HasSubstr("Did you mean \"done\"?"))));
  EXPECT_THAT(wrong(state + "      late: {type: boolean, computed: \"state ist done\"}\n"),
              ::testing::SizeIs(1));
  EXPECT_THAT(wrong(state, "    frozen: {when: state is done}\n"), IsEmpty());
}

TEST(Manifest, ChecksViewsColumnByColumn) {
  const std::string fields =
      "      day: {type: date}\n      currency: {type: text}\n      net: {type: money, currency: currency}\n";
  const auto view = [&](const std::string& columns) {
    return wrong(fields, "views:\n  totals: {plural: totals_list, from: sale, columns: {" + columns + "}}\n");
  };
  EXPECT_THAT(view("net: {sum: net}"), ElementsAre(HasSubstr("add a column {key: currency}")));
  EXPECT_THAT(view("net: {sum: day}"), ElementsAre(HasSubstr("has no sum")));
  EXPECT_THAT(view("m: {month: net}"), ElementsAre(HasSubstr("is no date")));
  EXPECT_THAT(view("n: {sum: nett}"), ElementsAre(HasSubstr("Did you mean \"net\"?")));
  EXPECT_THAT(view("n: {sum: net, key: day}"), ElementsAre(HasSubstr("has one of")));
  EXPECT_THAT(view("n: {count: some}"), ElementsAre(HasSubstr("{count: all}")));
  EXPECT_THAT(view("n: {count: all, where: dy is empty}"), ElementsAre(HasSubstr("Did you mean \"day\"?")));
  EXPECT_THAT(view("currency: {key: currency}, net: {sum: net}, m: {month: day}, n: {count: all}"),
              IsEmpty());
}

TEST(LoadModel, RefusesTypesOfPluginsThatAreNotRequired) {
  const std::string other =
      std::string("plugin: zoo\n") + kHead +
      "records: {animal: {plural: animals, prefix: ani, fields: {sale: {type: ref, to: sale}}}}\n";
  EXPECT_THAT(lines(merge({shop("      a: {type: text}\n"), other}).mistakes),
              ElementsAre(HasSubstr("belongs to the plugin shop, which is not in \"requires\"")));
  EXPECT_THAT(lines(merge({shop("      a: {type: text}\n"), other + "requires: [shop]\n"}).mistakes),
              IsEmpty());
}

TEST(LoadModel, LeavesOutABadPluginAndItsDependentsAndKeepsTheRest) {
  const std::string bad = shop("      a: {type: txt}\n");
  const std::string needs_bad = std::string("plugin: needs_bad\nrequires: [shop]\n") + kHead;
  const std::string good = std::string("plugin: good\n") + kHead;
  const LoadedModel loaded = merge({bad, needs_bad, good});
  ASSERT_EQ(loaded.refused.size(), 2U);
  EXPECT_THAT(loaded.refused[0].reason, HasSubstr("a.yaml:10:17: \"txt\" is not one of"));
  EXPECT_EQ(loaded.refused[1].plugin, "needs_bad");
  EXPECT_THAT(loaded.refused[1].reason, HasSubstr("requires shop"));
  ASSERT_EQ(loaded.manifests.size(), 1U);
  EXPECT_EQ(loaded.manifests[0].name, "good");
}

TEST(LoadModel, NamesTheCircleOfRequirements) {
  const auto plugin = [](const std::string& name, const std::string& needs) {
    return "plugin: " + name + "\nrequires: [" + needs + "]\n" + kHead;
  };
  const LoadedModel loaded = merge({plugin("a", "b"), plugin("b", "c"), plugin("c", "a"), plugin("d", "")});
  EXPECT_EQ(loaded.refused.size(), 3U);
  EXPECT_THAT(loaded.refused[0].reason, HasSubstr("a requires b requires c requires a"));
  EXPECT_EQ(loaded.manifests.size(), 1U);
}

TEST(LoadModel, RefusesNamesThatAreTaken) {
  const std::string two =
      std::string("plugin: zoo\n") + kHead + "records: {sale: {plural: sales, prefix: sal}}\n";
  EXPECT_THAT(lines(merge({shop("      a: {type: text}\n"), two}).mistakes),
              ElementsAre(HasSubstr("record type \"sale\" is taken"), HasSubstr("plural \"sales\" is taken"),
                          HasSubstr("prefix \"sal\" is taken")));
  EXPECT_THAT(lines(merge({shop("      a: {type: text}\n"), shop("      a: {type: text}\n")}).mistakes),
              ElementsAre("b.yaml:1:9: a plugin named \"shop\" is there already"));
  EXPECT_THAT(lines(merge({std::string("plugin: host\n") + kHead}).mistakes), ::testing::SizeIs(1));
}

TEST(LoadModel, AddsTheFieldsOfExtensions) {
  const std::vector<std::string> plugins = {shop("      net: {type: integer}\n")};
  const LoadedModel loaded =
      merge(plugins, {"extend: sale\nfields:\n  cost_centre: {type: text, max: 20}\n"});
  EXPECT_THAT(lines(loaded.mistakes), IsEmpty());
  EXPECT_NE(loaded.model.find("sale")->find_field("cost_centre"), nullptr);
  const auto mistakes = [&](const std::string& text) { return lines(merge(plugins, {text}).mistakes); };
  EXPECT_THAT(mistakes("extend: sal\nfields: {a: {type: text}}\n"),
              ElementsAre(HasSubstr("Did you mean \"sale\"?")));
  EXPECT_THAT(mistakes("extend: sale\nfields: {net: {type: text}}\n"), ElementsAre(HasSubstr("already")));
  EXPECT_THAT(mistakes("extend: sale\nfields: {a: {type: text, required: yes}}\n"),
              ElementsAre(HasSubstr("\"initial\"")));
  EXPECT_THAT(mistakes("extend: sale\nfields: {a: {type: text, by: action}}\n"),
              ElementsAre(HasSubstr("no action")));
}

TEST(LoadModel, FillsInAndChecksPluginSettings) {
  const std::string plugin =
      std::string("plugin: shop\n") + kHead +
      "settings:\n  grace_days: {type: integer, default: 14, min: 0}\n  is_open: {type: boolean}\n"
      "  key: {type: text, secret: yes}\n  tags: {type: text, list: yes}\n"
      "  rate: {type: decimal, scale: 2, default: \"20.00\"}\n";
  EXPECT_EQ(merge({plugin}).settings.at("shop").to_string(), R"({"grace_days":14,"tags":[],"rate":"20.00"})");
  const LoadedModel given =
      merge({plugin}, {}, "shop: {grace_days: 7, is_open: yes, key: !secret shop/key, tags: [a, b]}\n");
  EXPECT_THAT(lines(given.mistakes), IsEmpty());
  EXPECT_EQ(given.settings.at("shop").to_string(),
            R"({"grace_days":7,"is_open":true,"key":"shop/key","tags":["a","b"],"rate":"20.00"})");
  EXPECT_THAT(
      lines(merge({plugin}, {}, "shop: {grace_days: -1, key: plain, tags: a, grace: 1}\nshp: {}\n").mistakes),
      ElementsAre(
          HasSubstr("talon.yaml:1:20: grace_days: -1 is less than 0"), HasSubstr("is a secret"),
          HasSubstr("\"tags\" is a list"), HasSubstr("unknown key \"grace\""),
          HasSubstr("settings of \"shp\", which is no plugin that is there. Did you mean \"shop\"?")));
}

TEST(Manifest, NeedsTheTablesOfWhatItDeclares) {
  const std::string plugin =
      "plugin: shop\nversion: 1.0.0\nsdk: 1\ncommands: {go: {}}\njobs: {tick: {every: 1s}}\n"
      "subscribes: [sale.created]\ndocuments: {rules: config/rules}\n";
  EXPECT_THAT(lines(merge({plugin}).mistakes),
              ElementsAre(HasSubstr("talon.commands/1"), HasSubstr("talon.jobs/1"),
                          HasSubstr("talon.events/1"), HasSubstr("talon.checker/1")));
}

TEST(Manifest, ChecksWhatItsChecksName) {
  const std::string plugin =
      "plugin: shop\nversion: 1.0.0\nsdk: 1\noffers: [talon.commands/1]\ncommands: {check_user: {}}\n";
  const LoadedModel right = merge({plugin + "checks: {user: check_user}\n"});
  EXPECT_THAT(lines(right.mistakes), IsEmpty());
  EXPECT_EQ(right.find("shop")->checks.at("user"), "check_user");
  EXPECT_THAT(lines(merge({plugin + "checks: {user: chek_user}\n"}).mistakes),
              ElementsAre("a.yaml:6:16: the plugin declares no command \"chek_user\". Did you mean "
                          "\"check_user\"?"));
  EXPECT_THAT(lines(merge({plugin + "checks: {usr: check_user, sign_in: check_user}\n"}).mistakes),
              ElementsAre(HasSubstr("6:36: \"sign_in\" is no record type"),
                          HasSubstr("6:15: \"usr\" is no record type of this plugin, the host or a plugin in "
                                    "\"requires\". Did you mean \"user\"?")));
}

TEST(Manifest, GivesCommandsATypeForTheirRights) {
  const LoadedModel loaded =
      merge({"plugin: sync\nversion: 1.0.0\nsdk: 1\noffers: [talon.commands/1]\n"
             "commands: {plan: {right: plan, offline: yes}, apply: {}, again: {right: apply}}\n"});
  EXPECT_THAT(lines(loaded.mistakes), IsEmpty());
  const RecordType* rights = loaded.model.find("sync");
  ASSERT_NE(rights, nullptr);
  EXPECT_EQ(rights->kind, Kind::Virtual);
  EXPECT_TRUE(rights->has_action("plan"));
  EXPECT_EQ(rights->actions.size(), 2U);
}

TEST(Manifest, SaysOfACommandThatItsAnswerShowsRecords) {
  const std::string plugin =
      "plugin: shop\nversion: 1.0.0\nsdk: 1\noffers: [talon.commands/1]\n"
      "commands: {list: {}, tell: ";
  const LoadedModel loaded = merge({plugin + "{shows: records}}\n"});
  EXPECT_THAT(lines(loaded.mistakes), IsEmpty());
  ASSERT_EQ(loaded.model.commands.size(), 2U);
  EXPECT_FALSE(loaded.model.commands[0].shows_records);
  EXPECT_TRUE(loaded.model.commands[1].shows_records);
  EXPECT_THAT(lines(merge({plugin + "{shows: yes}}\n"}).mistakes), ElementsAre(HasSubstr("records")));
}

TEST(Manifest, SurvivesHostileFiles) {
  for (const std::string text :
       {"", "[]", "plugin", "plugin: [a]\n", "records: 1\n", "records: {a: 1, b: [c], c: }\n",
        "plugin: p\nversion: 1.0.0\nsdk: 99999999999999999999\nrecords: {a: {fields: {b: {type: [x]}, c: "
        "}}}\n",
        "views: {a: {columns: {b: {sum: {x: y}}}}}\n", "settings: {a: {type: ref}}\n",
        "jobs: {a: {every: 0s}}\n", "documents: {a: ../../etc}\n", "commands: {a: [b]}\n",
        "requires: {a: b}\n"}) {
    const LoadedModel loaded = merge({text});
    EXPECT_THAT(loaded.mistakes, ::testing::Not(IsEmpty())) << text;
    EXPECT_NE(loaded.model.find("user"), nullptr);
  }
}

}  // namespace
}  // namespace talon::model
