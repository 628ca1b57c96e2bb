/// A database whose n-th call fails, for the tests of everything that writes.
#include "host/storage/database.hpp"

#include <atomic>

namespace talon::storage {

namespace {

class Countdown {
 public:
  explicit Countdown(int64_t n) : left_(n) {}
  Result<void> call(const char* what) {
    if (--left_ != 0) return {};
    return unavailable(std::string("made to fail by a test: ") + what);
  }

 private:
  std::atomic<int64_t> left_;
};

class FailingReader : public Reader {
 public:
  FailingReader(Reader& inner, Countdown& countdown) : inner_(inner), countdown_(countdown) {}
  Result<void> rows(const Sql& sql, const RowSink& sink) override {
    TALON_DO(countdown_.call("rows"));
    return inner_.rows(sql, sink);
  }

 private:
  Reader& inner_;
  Countdown& countdown_;
};

class FailingTransaction : public Transaction {
 public:
  FailingTransaction(Transaction& inner, Countdown& countdown) : inner_(inner), countdown_(countdown) {}
  Result<void> rows(const Sql& sql, const RowSink& sink) override {
    TALON_DO(countdown_.call("rows"));
    return inner_.rows(sql, sink);
  }
  Result<int64_t> run(const Sql& sql) override {
    TALON_DO(countdown_.call("run"));
    return inner_.run(sql);
  }
  Result<void> post(const Sql& sql, int64_t expect_rows) override {
    TALON_DO(countdown_.call("post"));
    return inner_.post(sql, expect_rows);
  }

 private:
  Transaction& inner_;
  Countdown& countdown_;
};

class FailingDatabase : public Database {
 public:
  FailingDatabase(Database& inner, int64_t n) : inner_(inner), countdown_(n) {}
  Dialect dialect() const override { return inner_.dialect(); }

  Result<void> read(const ReadWork& work) override {
    return inner_.read([&](Reader& reader) {
      FailingReader failing(reader, countdown_);
      return work(failing);
    });
  }

  Result<void> write(Lane lane, std::string_view group, const WriteWork& work) override {
    return inner_.write(lane, group, [&](Transaction& transaction) -> Result<void> {
      FailingTransaction failing(transaction, countdown_);
      TALON_DO(work(failing));
      return countdown_.call("commit");  // undone by the savepoint, as by a failed commit
    });
  }

 private:
  Database& inner_;
  Countdown countdown_;
};

}  // namespace

std::unique_ptr<Database> failing_nth(Database& database, int64_t n) {
  return std::make_unique<FailingDatabase>(database, n);
}

}  // namespace talon::storage
