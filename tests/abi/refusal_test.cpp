/// What must not be loaded is refused with its reason, before any code of it runs, and the rest goes on.
#include "tests/abi/fixture.hpp"

namespace talon::plugins {
namespace {

struct RefusalTest : PluginsTest {
  /// Loads `bad` beside a good plugin. @return why the bad one was refused.
  std::string refused(const Spec& bad) {
    const Spec good = install_as("sound");
    plugins.load_all({bad, good});
    plugins.start_all();
    EXPECT_TRUE(run("sound", "version"));
    EXPECT_FALSE(run(bad.name, "version"));
    return reason(bad.name);
  }
};

/// The mark of a library that was built for version `major`.`minor`.
std::string mark_of(uint32_t major, uint32_t minor) {
  std::string mark("TALONv1", 8);
  for (const uint32_t number : {major, minor}) {
    for (uint32_t shift = 0; shift < 32; shift += 8) mark += static_cast<char>((number >> shift) & 0xFFU);
  }
  return mark;
}
const std::string kOwnMark = mark_of(TALON_ABI_MAJOR, TALON_ABI_MINOR);

TEST_F(RefusalTest, ALibraryForAnotherMajorVersionIsRefusedWithBothVersions) {
  const std::string other = mark_of(TALON_ABI_MAJOR + 1, 0);
  const std::string why = refused(install("probe", replaced(probe(), kOwnMark, other)));
  EXPECT_NE(why.find("version 2.0"), std::string::npos) << why;
  const std::string own = std::to_string(TALON_ABI_MAJOR) + "." + std::to_string(TALON_ABI_MINOR);
  EXPECT_NE(why.find("this host has " + own), std::string::npos) << why;
}

TEST_F(RefusalTest, ANewerMinorVersionIsRefusedToo) {
  const std::string other = mark_of(TALON_ABI_MAJOR, 7);
  EXPECT_NE(refused(install("probe", replaced(probe(), kOwnMark, other))).find("version 1.7"),
            std::string::npos);
}

TEST_F(RefusalTest, AnOlderMinorVersionRuns) {
  plugins.load_all({install("probe", replaced(probe(), kOwnMark, mark_of(TALON_ABI_MAJOR, 0)))});
  plugins.start_all();
  EXPECT_TRUE(run("probe", "version")) << reason("probe");
}

TEST_F(RefusalTest, AManifestForAnotherMajorVersionIsRefused) {
  Spec spec = install("probe", probe());
  spec.sdk = 2;
  EXPECT_NE(refused(spec).find("sdk 2"), std::string::npos);
}

TEST_F(RefusalTest, AMissingRequirementIsNamed) {
  Spec spec = install("probe", probe());
  spec.requires_plugins = {"ghost"};
  EXPECT_NE(refused(spec).find("requires ghost"), std::string::npos);
}

TEST_F(RefusalTest, AFileOrFolderThatOthersMayWriteIsRefusedWithTheRemedy) {
  const Spec spec = install("probe", probe());
  std::filesystem::permissions(library_of(spec), std::filesystem::perms(0757));
  const std::string why = refused(spec);
  EXPECT_NE(why.find("chmod go-w"), std::string::npos) << why;
  std::filesystem::permissions(library_of(spec), std::filesystem::perms(0755));
  EXPECT_TRUE(plugins.start("probe"));  // mended: the second start works
  std::filesystem::permissions(spec.folder, std::filesystem::perms(0777));
  EXPECT_FALSE(plugins.restart("probe"));
  EXPECT_TRUE(run("probe", "version"));  // the old one stays
}

TEST_F(RefusalTest, ALinkIsRefused) {
  const Spec spec = install("probe", probe());
  std::filesystem::rename(library_of(spec), home.path() / "elsewhere.so");
  std::filesystem::create_symlink(home.path() / "elsewhere.so", library_of(spec));
  EXPECT_NE(refused(spec).find("is a link"), std::string::npos);
}

TEST_F(RefusalTest, AMissingFileIsRefused) {
  const Spec spec = install("probe", probe());
  std::filesystem::remove(library_of(spec));
  EXPECT_NE(refused(spec).find("cannot open"), std::string::npos);
}

TEST_F(RefusalTest, ALibraryWithoutTheSymbolIsRefused) {
  const std::string why = refused(install("probe", replaced(probe(), "talon_plugin_v1", "talon_plugin_v9")));
  EXPECT_NE(why.find("exports no talon_plugin_v1"), std::string::npos) << why;
}

TEST_F(RefusalTest, ATruncatedLibraryIsRefused) {
  const std::string whole = probe();
  const std::string why = refused(install("probe", whole.substr(0, whole.size() / 2)));
  EXPECT_NE(why.find("truncated"), std::string::npos) << why;
}

TEST_F(RefusalTest, ALibraryThatIsNotItsManifestsIsRefused) {
  Spec spec = install("probe", probe());
  spec.version = "3.0.0";
  EXPECT_NE(refused(spec).find("its manifest says 3.0.0"), std::string::npos);
  Spec other = install("other", probe());
  EXPECT_FALSE(plugins.swap(other));
  EXPECT_NE(reason("other").find("is the plugin \"probe\""), std::string::npos);
}

TEST_F(RefusalTest, AnOfferThatTheLibraryDoesNotKeepIsRefused) {
  Spec spec = install("probe", probe());
  spec.offers.emplace_back("talon.authorizer/1");
  EXPECT_NE(refused(spec).find("talon.authorizer/1"), std::string::npos);
}

TEST_F(RefusalTest, AThrowInCreateIsAReason) {
  Spec spec = install("probe", probe());
  spec.settings.set("throw_in_create", true);
  EXPECT_NE(refused(spec).find("the settings ask create to throw"), std::string::npos);
}

TEST_F(RefusalTest, AThrowInStartIsAReasonDependentsNameItAndARepairHelps) {
  Spec bad = install_as("crash");
  bad.settings.set("throw_in_start", true);
  bad.is_mandatory = true;
  Spec dependent = install("probe", probe());
  dependent.requires_plugins = {"crash"};
  plugins.load_all({bad, dependent, install_as("sound")});
  plugins.start_all();
  EXPECT_NE(reason("crash").find("the settings ask start to throw"), std::string::npos);
  EXPECT_NE(reason("probe").find("requires crash, which is failed"), std::string::npos);
  EXPECT_TRUE(run("sound", "version"));
  std::string why;
  EXPECT_FALSE(plugins.is_ready(&why));
  EXPECT_NE(why.find("crash"), std::string::npos) << why;
  bad.settings = Json::object();
  ASSERT_TRUE(plugins.swap(bad));
  ASSERT_TRUE(plugins.start("probe"));
  EXPECT_TRUE(plugins.is_ready());
  EXPECT_TRUE(run("probe", "version"));
}

}  // namespace
}  // namespace talon::plugins
