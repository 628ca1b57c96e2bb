/// The tests' own tools: children are captured and ended, servers answer.
#include "tests/support/mariadb_server.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/support/process.hpp"

#include <gtest/gtest.h>

#include <signal.h>

namespace talon::support {

TEST(Child, IsCapturedAndGivesItsExitCode) {
  const auto done = run_program({"sh", "-c", "echo out; echo err >&2; exit 3"});
  ASSERT_TRUE(done);
  EXPECT_EQ(done->code, 3);
  EXPECT_EQ(done->output, "out\n");
  EXPECT_EQ(done->errors, "err\n");
}

TEST(Child, ThatIsNotThereGives127) {
  const auto done = run_program({"no-such-program-anywhere"});
  ASSERT_TRUE(done);
  EXPECT_EQ(done->code, 127);
}

TEST(Child, IsKilledWhenItsHandleGoes) {
  int pid = 0;
  {
    auto child = Child::start({"sleep", "600"});
    ASSERT_TRUE(child);
    pid = child->pid();
    EXPECT_TRUE(child->is_running());
  }
  EXPECT_NE(::kill(pid, 0), 0);
}

TEST(PostgresServer, MakesDatabasesAndRunsSql) {
  PostgresServer& server = PostgresServer::shared();
  const std::string url = server.new_database();
  const auto answer = server.sql(PostgresServer::name_of(url), "show fsync");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(*answer, "on\n");
}

TEST(MariadbServer, MakesDatabasesAndRunsSql) {
  MariadbServer& server = MariadbServer::shared();
  const auto answer = server.sql(server.new_database(), "select 'é'");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(*answer, "é\n");
}

}  // namespace talon::support
