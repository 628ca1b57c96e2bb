/// One connection's state machine. Included by the listener's own files only.
#pragma once

#include "host/http/listener.hpp"
#include "host/http/loop.hpp"
#include "host/http/out_stream.hpp"
#include "host/http/peer_shares.hpp"
#include "host/http/request_reader.hpp"
#include "host/http/transport.hpp"
#include "host/runtime/ids.hpp"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

namespace talon::http {

/// What the connections of one listener share. @threads any.
struct Shared {
  ListenerOptions options;
  Handler& handler;
  runtime::Executor& executor;
  runtime::IdGenerator ids{options.node};
  std::shared_ptr<const Proxies> proxies = {};  // from start on
  std::atomic<bool> is_draining{false};
  std::atomic<std::size_t> connections{0};
  PeerShares shares = {};
  std::mutex mutex;  // of `in_flight`
  std::condition_variable changed;
  int in_flight = 0;              // handlers at work
  runtime::Counter* requests[6];  // by the status' first digit; 0: none
  runtime::Counter* refused;
  runtime::Histogram* wait;
};

/// Reads a request, has it answered, writes the answer, goes on. @threads the loop's driver, but where it
/// says otherwise.
class Connection : public TransportUser, public std::enable_shared_from_this<Connection> {
 public:
  /// @param share  what it is counted as in Shared::shares; empty: it is not.
  Connection(Shared& shared, std::shared_ptr<Loop> loop, std::unique_ptr<Transport> transport,
             std::string peer, std::string share);

  void start();
  void check_deadline(int64_t now_ns);
  /// Draining has begun: ends it when nothing is under way.
  void drain();
  void close();

  void on_ready(const error_code& error) override;
  void on_read(const error_code& error, std::size_t count) override;
  void on_written(const error_code& error) override;
  void on_finished() override;

 private:
  enum class State { Starting, Idle, Reading, Handling, Writing, Streaming, Finishing, Closed };

  void read_more();
  void read_next();
  void take_input();
  void dispatch();
  enum class On { Driver, Worker };
  void work(const std::shared_ptr<Request>& request, On thread);
  void begin_body(Response answer);  // on any
  void refuse(int status, const Error& error);
  void respond(Response answer);
  void write_answer();
  void begin_stream(std::shared_ptr<OutStream> stream, bool is_push);
  void pump();
  void add_piece();
  void after_answer();
  /// @param body_bytes  of the body that will follow in the same text.
  std::string head_of(const Response& answer, std::string_view framing, std::size_t body_bytes = 0) const;
  void set_deadline(std::chrono::milliseconds after);
  void no_deadline() { deadline_ns_ = 0; }

  Shared& shared_;  // outlives this; the listener waits for its connections
  std::shared_ptr<Loop> loop_;
  std::unique_ptr<Transport> transport_;
  std::string peer_;
  std::string share_;
  RequestReader reader_;
  State state_ = State::Starting;
  int64_t deadline_ns_ = 0;
  std::string in_;  // read, not yet parsed: [in_from_, in_to_)
  std::size_t in_from_ = 0;
  std::size_t in_to_ = 0;
  bool is_reading_ = false;
  bool is_writing_ = false;
  bool has_begun_writing_ = false;        // the answer, while "100 Continue" may still be under way
  std::atomic<bool> keeps_alive_ = true;  // a worker reads it for the head of a stream
  bool is_head_request_ = false;
  bool is_http_1_0_ = false;
  std::size_t lingered_ = 0;
  std::string request_id_;
  int64_t begun_ns_ = 0;
  std::string out_;   // being written
  std::string body_;  // being written after it
  std::shared_ptr<OutStream> stream_;
  std::function<Result<std::string>()> pieces_;  // of the body that is kept; empty: it comes by itself
  bool is_push_ = false;                         // an event stream, which never ends by itself
};

}  // namespace talon::http
