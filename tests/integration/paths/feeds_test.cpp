/// What goes on from where it stopped: cursors, the change feed and event streams tell nothing of what others
/// do, and are worth nothing in another's hands.
#include "tests/integration/paths/objects.hpp"

#include "host/runtime/digest.hpp"

#include <talon/id.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <regex>
#include <set>

namespace talon::paths {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class PathsFeeds : public ::testing::Test {
 protected:
  std::unique_ptr<ApiClient> as(const Subject& subject) {
    return std::make_unique<ApiClient>(town_.port(), subject.token);
  }
  /// Changes a note of a party, as the administrator.
  void touch(const std::string& party) {
    const std::string path = "/api/v1/parties/" + party;
    const Answer before = admin_.get(path);
    const std::string match = "If-Match: " + before.headers.at("etag") + "\r\n";
    const Answer done =
        admin_.call("PATCH", path, R"({"note":"touched )" + std::to_string(++touches_) + "\"}", match);
    ASSERT_EQ(done.status, 200) << done.text;
  }

  Town& town_ = Town::shared();
  ApiClient admin_{town_.port(), town_.inside().back().token};
  int touches_ = 0;
};

/// A server-sent stream, read as far as it has come.
class Stream {
 public:
  Stream(uint16_t port, const std::string& token, const std::string& more = {}) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
    const timeval limit{10, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    const std::string request = "GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " +
                                token + "\r\n" + more + "\r\n";
    EXPECT_EQ(::send(fd_, request.data(), request.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(request.size()));
  }
  ~Stream() { ::close(fd_); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// Reads until `text` has come. @return all that came so far.
  const std::string& until(const std::string& text) {
    char buffer[4096];
    while (text_.find(text) == std::string::npos) {
      const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
      if (got <= 0) break;
      text_.append(buffer, static_cast<std::size_t>(got));
    }
    EXPECT_THAT(text_, HasSubstr(text));
    return text_;
  }

 private:
  int fd_ = -1;
  std::string text_;
};

TEST_F(PathsFeeds, AStreamTellsOfOwnRecordsAloneWhateverTheOtherSideDoes) {
  for (const char* role : {"client", "supplier", "partner", "franchisee"}) {
    const Subject& subject = town_.acme(role);
    const Sight sight(town_, subject);
    Stream stream(town_.port(), subject.token);
    stream.until("event: ready");
    for (const Subject& other : town_.bolt()) touch(other.party);
    touch(subject.party);
    const std::string& seen = stream.until(subject.party);
    EXPECT_THAT(leaks(town_, sight, {}, {200, {}, seen, {}}), IsEmpty()) << role << "\n" << seen;
    for (const Subject& other : town_.bolt()) EXPECT_THAT(seen, Not(HasSubstr(other.party))) << role;
  }
  // A franchisor sees no client's card move, and a place in another's stream begins anew.
  Stream theirs(town_.port(), town_.bolt("client").token);
  const std::string& hello = theirs.until("event: ready");
  const std::size_t at = hello.find("id: ") + 4;
  const std::string place = hello.substr(at, hello.find('\n', at) - at);
  Stream stolen(town_.port(), town_.acme("client").token, "Last-Event-ID: " + place + "\r\n");
  EXPECT_THAT(stolen.until("data: {}"), HasSubstr("event: reset"));
}

TEST_F(PathsFeeds, APageOfTheFeedEndsWhereWhatIsSeenEnds) {
  const Subject& subject = town_.acme("client");
  const auto client = as(subject);
  const std::string begin(client->get("/api/v1/changes").json["next"].string());
  const std::string query = "/api/v1/changes?limit=2&after=";
  for (int i = 0; i < 5; ++i) touch(town_.bolt("client").party);
  const Answer nothing = client->get(query + begin);
  ASSERT_EQ(nothing.status, 200) << nothing.text;
  EXPECT_THAT(nothing.json["changes"].items(), IsEmpty());
  EXPECT_FALSE(nothing.json["more"].boolean()) << "five changes of others are no page";
  touch(subject.party);
  touch(town_.bolt("client").party);
  touch(subject.party);
  touch(town_.bolt("client").party);
  const Answer two = client->get(query + begin);
  EXPECT_EQ(two.json["changes"].items().size(), 2U) << "a page is full of what is seen";
  EXPECT_FALSE(two.json["more"].boolean()) << two.text;
  touch(subject.party);
  const Answer first = client->get(query + begin);
  EXPECT_TRUE(first.json["more"].boolean()) << first.text;
  const Answer rest = client->get(query + std::string(first.json["next"].string()));
  EXPECT_EQ(rest.json["changes"].items().size(), 1U) << rest.text;
  EXPECT_FALSE(rest.json["more"].boolean());
}

TEST_F(PathsFeeds, APlaceInTheFeedTellsNothingAndIsOnesOwn) {
  const auto client = as(town_.acme("client"));
  std::set<std::string> tokens;
  std::size_t size = 0;
  for (int i = 0; i < 4; ++i) {
    const std::string token(client->get("/api/v1/changes").json["next"].string());
    tokens.insert(token);
    EXPECT_TRUE(size == 0 || token.size() == size) << "its length counts nothing";
    size = token.size();
    if (i > 1) touch(town_.bolt("client").party);
  }
  EXPECT_EQ(tokens.size(), 4U) << "whether anything happened cannot be told from two of them";
  const std::string own = *tokens.begin();
  const std::string bolts(as(town_.bolt("client"))->get("/api/v1/changes").json["next"].string());
  const std::string admins(admin_.get("/api/v1/changes").json["next"].string());
  const Answer forged = client->get("/api/v1/changes?after=v1.AAAA");
  EXPECT_EQ(forged.status, 400);
  for (const std::string& stolen : {bolts, admins, own.substr(0, own.size() - 2) + "AA"}) {
    const Ask ask{"GET", "/api/v1/changes?after=" + stolen};
    EXPECT_EQ(comparable(ask, client->get(ask.path)), comparable(ask, forged));
  }
}

TEST_F(PathsFeeds, ACursorIsOnesOwnAndTellsNothing) {
  const auto client = as(town_.acme("client"));
  const auto other = as(town_.bolt("client"));
  for (const char* list : {"invoices?limit=1&order=-issue_date", "timesheet_entries?limit=1&order=note",
                           "products?limit=1&order=name", "customer_orders?limit=1&order=reference"}) {
    const std::string path = "/api/v1/" + std::string(list);
    const Answer page = client->get(path);
    const std::string cursor(page.json["next"].string());
    ASSERT_FALSE(cursor.empty()) << page.text;
    EXPECT_EQ(client->get(path + "&cursor=" + cursor).status, 200);
    ASSERT_TRUE(cursor.starts_with("v1.")) << cursor;
    const auto inside = runtime::from_base64url(std::string_view(cursor).substr(3));
    ASSERT_TRUE(inside);
    // With a digit behind: two letters alone stand in ciphertext by chance.
    EXPECT_FALSE(std::regex_search(*inside, std::regex("zq[0-9]{3}")))
        << "what the page was sorted by, of the last row";
    EXPECT_NE(std::string(client->get(path).json["next"].string()), cursor) << "encrypted anew each time";
    const Answer forged = client->get(path + "&cursor=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    EXPECT_EQ(forged.status, 400);
    const std::string theirs(other->get(path).json["next"].string());
    const std::string admins(admin_.get(path).json["next"].string());
    for (const std::string& stolen :
         {theirs, admins, cursor.substr(1), cursor.substr(0, cursor.size() - 4), cursor + "AAAA"}) {
      const Ask ask{"GET", path + "&cursor=" + stolen};
      EXPECT_EQ(comparable(ask, client->get(ask.path)), comparable(ask, forged)) << list;
    }
    EXPECT_EQ(client->get(path + "&where=version%20%3E%200&cursor=" + cursor).status, 400)
        << "another filter";
  }
}

}  // namespace
}  // namespace talon::paths
