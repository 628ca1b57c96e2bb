/// The storage interface, on both databases: values, snapshots, errors, savepoints.
#include "host/storage/errors.hpp"
#include "host/storage/postgresql/errors.hpp"
#include "tests/unit/storage/fixture.hpp"

#include <thread>

namespace talon::storage {

template <typename Kind>
using DatabaseTest = EachDatabase<Kind>;
TALON_EACH_DATABASE(DatabaseTest);

TYPED_TEST(DatabaseTest, ValuesComeBackAsTheyWereBound) {
  ASSERT_TRUE(this->change(this->database->dialect() == Dialect::Sqlite
                               ? "create table cells (id bigint, a bigint, b text, c blob)"
                               : "create table cells (id bigint, a bigint, b text, c bytea)"));
  const std::string bytes("\0\xff'\\", 4);
  const std::vector<std::vector<Value>> written{
      {1, INT64_MAX, "l'été à la ferme; -- ?", Value::Bytes{bytes}},
      {2, INT64_MIN, "", Value::Bytes{""}},
      {3, Value(), Value(), Value()},
      {4, 0, std::string(3'000'000, 'x'), Value::Bytes{std::string(2'000'000, '\x01')}},
  };
  for (const auto& row : written) {
    const auto done = this->change("insert into cells values (?, ?, ?, ?)", row);
    ASSERT_TRUE(done) << done.error().message;
  }
  EXPECT_EQ(this->rows("select id, a, b, c from cells order by id"), written);
}

TYPED_TEST(DatabaseTest, QuestionMarksInTextsAndNamesAreNoValues) {
  const auto all = this->rows("select '?', \"?\" , ? from (select 1 as \"?\") x -- ?\n /* ? */", {7});
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0], (std::vector<Value>{"?", 1, 7}));
}

TYPED_TEST(DatabaseTest, SumsOfIntegersAreIntegers) {
  this->make_items();
  ASSERT_TRUE(this->change("insert into items values (1, 'a', 5), (2, 'b', 6), (3, 'c', null)"));
  EXPECT_EQ(this->number("select sum(amount) from items"), 11);
  EXPECT_EQ(this->number("select count(*) from items where amount > ?", {5}), 1);
  EXPECT_EQ(this->number("select case when amount > 5 then 1 else 0 end from items where name = ?", {"b"}),
            1);
}

TYPED_TEST(DatabaseTest, ASumBeyond64BitsIsTheCallersMistake) {
  this->make_items();
  ASSERT_TRUE(this->change("insert into items values (1, 'a', ?), (2, 'b', ?)", {INT64_MAX, 1}));
  for (const char* text : {"select sum(amount) from items", "select cast(sum(amount) as bigint) from items",
                           "select name from (select name, cast(sum(amount) as bigint) as total from items "
                           "group by name) t order by total",
                           "select cast(coalesce(sum(amount), 0) as bigint) from items"}) {
    const auto read = this->database->read([&](Reader& reader) {
      return reader.rows({text, {}}, [](Row) { return Result<void>(); });
    });
    if (std::string_view(text).find("group by") != std::string_view::npos) {
      EXPECT_TRUE(read) << text;
      continue;
    }
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, Code::OutOfRange) << text << ": " << read.error().message;
    EXPECT_NE(read.error().message.find("beyond 64 bits"), std::string::npos) << read.error().message;
  }
}

TEST(PostgresqlErrors, AWriteThatWaitedInVainMayBeSentAgain) {
  for (const char* state : {"40001", "40P01", "55P03"}) {
    const Error error =
        postgresql::to_error({state, "canceling statement due to lock timeout", ""}, "update x");
    EXPECT_EQ(error.code, Code::Unavailable) << state;
    EXPECT_EQ(error.message.find("PostgreSQL"), std::string::npos) << error.message;
  }
}

TYPED_TEST(DatabaseTest, ANullBindFitsEveryColumn) {
  this->make_items();
  const std::string text = "insert into items (id, name, amount) values (?, ?, ?)";
  ASSERT_TRUE(this->change(text, {1, Value(), Value()}));
  ASSERT_TRUE(this->change(text, {2, "b", Value()}));
  ASSERT_TRUE(this->change(text, {3, Value(), 4}));
  ASSERT_TRUE(this->change(text, {4, "d", 4}));
  EXPECT_EQ(this->number("select count(*) from items where name is null"), 2);
}

TYPED_TEST(DatabaseTest, ADuplicateKeyNamesItsConstraint) {
  this->make_items();
  ASSERT_TRUE(this->change("insert into items values (1, 'a', 5)"));
  const auto twice = this->change("insert into items values (2, 'a', 5)");
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, Code::AlreadyExists);
  EXPECT_EQ(constraint_of(twice.error()), "items_name_key");
  const auto same_id = this->change("insert into items values (1, 'b', 5)");
  ASSERT_FALSE(same_id);
  EXPECT_EQ(constraint_of(same_id.error()), "items_pkey");
}

TYPED_TEST(DatabaseTest, AWrongStatementIsInternalAndHarmsNobody) {
  this->make_items();
  const auto wrong = this->change("insert into nowhere values (1)");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, Code::Internal);
  EXPECT_TRUE(this->change("insert into items values (1, 'a', 5)"));
  const auto read = this->database->read([](Reader& reader) {
    return reader.rows({"select nothing from items", {}}, [](Row) { return Result<void>(); });
  });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::Internal);
  EXPECT_EQ(this->number("select count(*) from items"), 1);
}

TYPED_TEST(DatabaseTest, AFailedWorkLeavesNothing) {
  this->make_items();
  const auto failed = this->database->write(Lane::Batch, "", [](Transaction& transaction) -> Result<void> {
    TALON_DO(transaction.run({"insert into items values (1, 'a', 5)", {}}));
    TALON_DO(transaction.post({"insert into items values (2, 'b', 5)", {}}));
    return denied("no");
  });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::PermissionDenied);
  EXPECT_EQ(this->number("select count(*) from items"), 0);
}

TYPED_TEST(DatabaseTest, AThrowingWorkFailsAlone) {
  this->make_items();
  const auto failed = this->database->write(Lane::Batch, "", [](Transaction& transaction) -> Result<void> {
    TALON_DO(transaction.run({"insert into items values (1, 'a', 5)", {}}));
    throw std::runtime_error("oops");
  });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::Internal);
  EXPECT_TRUE(this->change("insert into items values (1, 'a', 5)"));
}

TYPED_TEST(DatabaseTest, APostThatMeetsOtherRowsAborts) {
  this->make_items();
  ASSERT_TRUE(this->change("insert into items values (1, 'a', 5)"));
  const auto stale =
      this->database->write(Lane::Interactive, "", [](Transaction& transaction) -> Result<void> {
        TALON_DO(transaction.post({"insert into items values (2, 'b', 5)", {}}, 1));
        return transaction.post({"update items set amount = 6 where id = ? and amount = ?", {1, 4}}, 1);
      });
  ASSERT_FALSE(stale);
  EXPECT_EQ(stale.error().code, Code::Aborted);
  EXPECT_EQ(this->number("select count(*) from items"), 1);
}

TYPED_TEST(DatabaseTest, AWorkSeesItsOwnPosts) {
  this->make_items();
  const auto done =
      this->database->write(Lane::Interactive, "", [](Transaction& transaction) -> Result<void> {
        TALON_DO(transaction.post({"insert into items values (1, 'a', 5)", {}}, 1));
        TALON_TRY(const int64_t changed, transaction.run({"update items set amount = amount + 1", {}}));
        EXPECT_EQ(changed, 1);
        int64_t amount = 0;
        TALON_DO(
            transaction.rows({"select amount from items where id = ?", {1}}, [&](Row row) -> Result<void> {
              amount = row[0].integer();
              return {};
            }));
        EXPECT_EQ(amount, 6);
        return {};
      });
  ASSERT_TRUE(done) << done.error().message;
}

TYPED_TEST(DatabaseTest, AnUpdateMayReturnRows) {
  this->make_items();
  ASSERT_TRUE(this->change("insert into items values (1, 'a', 5)"));
  int64_t next = 0;
  const auto done = this->database->write(Lane::Interactive, "series/1", [&](Transaction& transaction) {
    return transaction.rows({"update items set amount = amount + 1 where id = 1 returning amount", {}},
                            [&](Row row) -> Result<void> {
                              next = row[0].integer();
                              return {};
                            });
  });
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(next, 6);
  EXPECT_EQ(this->number("select amount from items"), 6);
}

TYPED_TEST(DatabaseTest, AReaderStaysInItsSnapshot) {
  this->make_items();
  ASSERT_TRUE(this->change("insert into items values (1, 'a', 5)"));
  std::vector<int64_t> counts;
  const auto count = [&](Row row) -> Result<void> {
    counts.push_back(row[0].integer());
    return {};
  };
  const auto done = this->database->read([&](Reader& reader) -> Result<void> {
    TALON_DO(reader.rows({"select count(*) from items", {}}, count));
    TALON_DO(this->change("insert into items values (2, 'b', 5)"));
    return reader.rows({"select count(*) from items", {}}, count);
  });
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(counts, (std::vector<int64_t>{1, 1}));
  EXPECT_EQ(this->number("select count(*) from items"), 2);
}

TYPED_TEST(DatabaseTest, AReaderCannotWrite) {
  this->make_items();
  const auto done = this->database->read([](Reader& reader) {
    return reader.rows({"insert into items values (1, 'a', 5)", {}}, [](Row) { return Result<void>(); });
  });
  EXPECT_FALSE(done);
  EXPECT_EQ(this->number("select count(*) from items"), 0);
}

TYPED_TEST(DatabaseTest, AnErrorOfTheSinkEndsTheStatement) {
  this->make_items();
  int seen = 0;
  const std::string many =
      "with recursive n(i) as (select 1 union all select i + 1 from n where i < 100000) select i from n";
  const auto done = this->database->read([&](Reader& reader) -> Result<void> {
    auto stopped = reader.rows({many, {}}, [&](Row) -> Result<void> {
      return ++seen == 3 ? Result<void>(Error{Code::Cancelled, "enough"}) : Result<void>();
    });
    EXPECT_FALSE(stopped);
    return stopped;
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::Cancelled);
  EXPECT_EQ(seen, 3);
  EXPECT_EQ(this->rows(many).size(), 100000U);
}

TYPED_TEST(DatabaseTest, ReadsNestInReadsAndInWrites) {
  this->make_items();
  this->options.readers = 1;
  this->reopen();
  const auto done = this->database->read([&](Reader&) {
    return this->database->read([&](Reader& inner) {
      return inner.rows({"select 1", {}}, [](Row) { return Result<void>(); });
    });
  });
  EXPECT_TRUE(done);
  const auto written =
      this->database->write(Lane::Interactive, "", [&](Transaction& transaction) -> Result<void> {
        TALON_DO(transaction.run({"insert into items values (1, 'a', 5)", {}}));
        EXPECT_EQ(this->number("select count(*) from items"), 0);
        return {};
      });
  EXPECT_TRUE(written);
}

TYPED_TEST(DatabaseTest, AWriteInsideAWriteIsRefused) {
  this->make_items();
  const auto done = this->database->write(Lane::Interactive, "", [&](Transaction&) {
    return this->change("insert into items values (1, 'a', 5)");
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::Internal);
}

TYPED_TEST(DatabaseTest, AStatementMayRunInsideItself) {
  this->make_items();
  ASSERT_TRUE(this->change("insert into items values (1, 'a', 5), (2, 'b', 6)"));
  int inner = 0;
  const Sql sql{"select id from items where amount > ? order by id", {0}};
  const auto done = this->database->read([&](Reader& reader) {
    std::vector<int64_t> ids;
    TALON_CHECK(reader.rows(sql, [&](Row row) -> Result<void> {
      ids.push_back(row[0].integer());
      return {};
    }));
    return reader.rows(sql, [&](Row) -> Result<void> {
      ++inner;
      return {};
    });
  });
  EXPECT_TRUE(done);
  EXPECT_EQ(inner, 2);
}

TYPED_TEST(DatabaseTest, StatementsWithoutEndAreForgotten) {
  this->options.readers = 1;
  this->reopen();
  for (int64_t i = 0; i < 1200; ++i)
    EXPECT_EQ(this->number("select " + std::to_string(i) + " + ?", {1}), i + 1);
}

TYPED_TEST(DatabaseTest, TheNthCallFailsAndARetrySucceeds) {
  this->make_items();
  bool has_failed = true;
  int64_t n = 0;
  while (has_failed) {
    const auto failing = failing_nth(*this->database, ++n);
    const auto write = [&] {
      return failing->write(Lane::Interactive, "", [&](Transaction& transaction) -> Result<void> {
        TALON_DO(transaction.post({"insert into items values (?, ?, 0)", {n, "a" + std::to_string(n)}}, 1));
        TALON_DO(transaction.run({"update items set amount = amount + 1 where id = ?", {n}}));
        return transaction.rows({"select amount from items where id = ?", {n}},
                                [](Row) { return Result<void>(); });
      });
    };
    const auto outcome = write();
    has_failed = !outcome;
    if (has_failed) {
      EXPECT_EQ(outcome.error().code, Code::Unavailable);
      EXPECT_EQ(this->number("select count(*) from items where id = ?", {n}), 0);
      EXPECT_TRUE(write());
    }
    EXPECT_EQ(this->number("select amount from items where id = ?", {n}), 1);
  }
  EXPECT_EQ(n, 5);  // post, run, rows, commit, and the first that has nothing left to fail
}

TEST(Open, RefusesUrlsItDoesNotKnow) {
  for (const char* url : {"", "mysql://x", "sqlite:", "sqlite::memory:"}) {
    const auto opened = open({.url = url});
    ASSERT_FALSE(opened) << url;
    EXPECT_EQ(opened.error().code, Code::InvalidArgument) << url;
  }
  const auto nowhere = open({.url = "sqlite:/no/such/folder/talon.db"});
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code, Code::Unavailable);
}

}  // namespace talon::storage
