/// One connection's state machine: reading and handing over.
#include "host/http/connection.hpp"

#include "host/http/problem.hpp"
#include "host/runtime/clock.hpp"
#include "host/runtime/log.hpp"

#include <talon/id.hpp>

#include <boost/asio/post.hpp>

#include <exception>

namespace talon::http {

namespace {
constexpr std::size_t kInputFirst = 4 * 1024;
constexpr std::size_t kInputMore = 16 * 1024;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr int64_t kLingerDrainingNs = 100'000'000;
constexpr std::size_t kLingerBytesMax = 4 * 1024 * 1024;

Response handle_safely(Handler& handler, Request& request) {
  try {
    return handler.handle(request);
  } catch (const std::exception& error) {
    return problem(internal(std::string("exception: ") + error.what()), request.id);
  } catch (...) {
    return problem(internal("an exception that is no std::exception"), request.id);
  }
}
}  // namespace

Connection::Connection(Shared& shared, std::shared_ptr<Loop> loop, std::unique_ptr<Transport> transport,
                       std::string peer, std::string share)
    : shared_(shared),
      loop_(std::move(loop)),
      transport_(std::move(transport)),
      peer_(std::move(peer)),
      share_(std::move(share)),
      reader_({shared.options.header_bytes_max, shared.options.body_bytes_max}) {}

void Connection::set_deadline(std::chrono::milliseconds after) {
  deadline_ns_ = runtime::coarse_steady_ns() + std::chrono::nanoseconds(after).count();
}

void Connection::start() {
  loop_->connections.emplace(this, shared_from_this());
  set_deadline(shared_.options.header_time);
  transport_->begin(shared_from_this());
}

void Connection::on_ready(const error_code& error) {
  if (state_ == State::Closed) return;
  if (error) return close();
  // A client that connects and says nothing has the head's time, not the longer one between requests.
  state_ = State::Idle;
  read_more();
}

void Connection::check_deadline(int64_t now_ns) {
  if (deadline_ns_ == 0 || now_ns < deadline_ns_) return;
  if (state_ == State::Reading) {
    return refuse(408, Error{Code::DeadlineExceeded, "the request did not arrive in time"});
  }
  close();
}

void Connection::drain() {
  keeps_alive_ = false;
  if (state_ == State::Starting || state_ == State::Idle) return close();
  if (state_ == State::Streaming && stream_ && is_push_) stream_->close();
  if (state_ == State::Finishing)
    deadline_ns_ = std::min(deadline_ns_, runtime::steady_ns() + kLingerDrainingNs);
}

void Connection::close() {
  if (state_ == State::Closed) return;
  const auto self = shared_from_this();
  state_ = State::Closed;
  if (stream_) stream_->gone();
  error_code ignored;
  transport_->socket().close(ignored);
  loop_->connections.erase(this);
  if (!share_.empty()) shared_.shares.leave(share_);
  --shared_.connections;
  shared_.changed.notify_all();
}

void Connection::read_more() {
  if (is_reading_ || state_ == State::Closed) return;
  const bool was_filled = in_to_ > 0 && in_to_ == in_.size();
  if (in_from_ > 0) {
    std::copy(in_.begin() + static_cast<std::ptrdiff_t>(in_from_),
              in_.begin() + static_cast<std::ptrdiff_t>(in_to_), in_.begin());
    in_to_ -= in_from_;
    in_from_ = 0;
  }
  const std::size_t most = shared_.options.header_bytes_max * 2UL;
  if (in_to_ >= most) return;
  // What filled its room has more behind it: a body, which fewer calls then take.
  const std::size_t room = was_filled ? kInputMore : kInputFirst;
  if (in_.size() < in_to_ + room) in_.resize(std::min(most, std::max(kInputFirst, in_to_ + room)));
  is_reading_ = true;
  transport_->read(shared_from_this(), in_.data() + in_to_, in_.size() - in_to_);
}

void Connection::read_next() {
  state_ = State::Idle;
  reader_.reset();
  if (in_to_ > in_from_) return take_input();
  if (in_.size() > kInputFirst && !is_reading_) {
    in_ = std::string(kInputFirst, '\0');
    in_from_ = in_to_ = 0;
  }
  set_deadline(shared_.options.idle_time);
  read_more();
}

void Connection::on_read(const error_code& error, std::size_t count) {
  is_reading_ = false;
  if (state_ == State::Closed) return;
  if (error) return close();
  if (state_ == State::Finishing) {
    lingered_ += count;
    if (lingered_ > kLingerBytesMax) return close();
    in_from_ = in_to_ = 0;
    return read_more();
  }
  in_to_ += count;
  if (state_ == State::Idle || state_ == State::Reading) take_input();
}

void Connection::take_input() {
  if (state_ == State::Idle) {
    state_ = State::Reading;
    set_deadline(shared_.options.header_time);
  }
  const bool had_head = reader_.is_head_done();
  std::size_t used = 0;
  const auto outcome = reader_.put(std::string_view(in_).substr(in_from_, in_to_ - in_from_), used);
  in_from_ += used;
  if (!had_head && reader_.is_head_done()) set_deadline(shared_.options.body_time);
  switch (outcome) {
    case RequestReader::State::Failed:
      return refuse(reader_.failure().status, reader_.failure().error);
    case RequestReader::State::Done:
      return dispatch();
    case RequestReader::State::WantsContinue:
      is_writing_ = true;
      transport_->write(shared_from_this(), kContinue, {});
      return read_more();
    case RequestReader::State::NeedsMore:
      break;
  }
  if (in_to_ - in_from_ >= shared_.options.header_bytes_max * 2UL) {
    return refuse(431, invalid("the request's head is too large"));
  }
  read_more();
}

void Connection::dispatch() {
  state_ = State::Handling;
  no_deadline();
  auto request = std::make_shared<Request>(std::move(reader_.request()));
  is_head_request_ = reader_.is_head_request();
  is_http_1_0_ = reader_.is_http_1_0();
  keeps_alive_ = reader_.wants_keep_alive() && !shared_.is_draining;
  request_id_ = id_text("req", shared_.ids.next());
  begun_ns_ = runtime::steady_ns();
  request->id = request_id_;
  request->peer = peer_;
  request->is_tls = transport_->is_tls();
  request->begun_ns = begun_ns_;
  shared_.proxies->apply(*request);
  if (auto target = read_target(*request); !target) return refuse(400, target.error());
  if (shared_.handler.is_quick(*request)) return respond(handle_safely(shared_.handler, *request));
  {
    const std::lock_guard lock(shared_.mutex);
    ++shared_.in_flight;
  }
  if (shared_.handler.is_brief(*request) && loop_->begin_task()) return work(request, On::Driver);
  auto queued =
      shared_.executor.submit([self = shared_from_this(), request] { self->work(request, On::Worker); });
  if (queued) return;
  {
    const std::lock_guard lock(shared_.mutex);
    --shared_.in_flight;
  }
  respond(problem(503, queued.error(), request_id_));
}

void Connection::work(const std::shared_ptr<Request>& request, On thread) {
  const runtime::RequestScope scope(request->id);
  Response answer = handle_safely(shared_.handler, *request);
  const bool is_driver = thread == On::Driver && loop_->end_task();
  if (answer.pieces || answer.push) {
    begin_body(std::move(answer));
  } else if (is_driver) {
    respond(std::move(answer));
  } else {
    boost::asio::post(loop_->io,
                      [self = shared_from_this(), answer = std::make_shared<Response>(std::move(answer))] {
                        self->respond(std::move(*answer));
                      });
  }
  // Notified under the lock: after the last one the listener may end, and `shared_` with it.
  const std::lock_guard lock(shared_.mutex);
  --shared_.in_flight;
  shared_.changed.notify_all();
}

void Connection::begin_body(Response answer) {
  const auto framing = is_http_1_0_ ? OutStream::Framing::UntilClose : OutStream::Framing::Chunked;
  const std::string head = head_of(answer, is_http_1_0_ ? "" : "Transfer-Encoding: chunked\r\n");
  const std::size_t bytes_max = shared_.options.stream_bytes_max;
  const std::weak_ptr<Connection> self = weak_from_this();
  auto stream = std::make_shared<OutStream>(head, framing, bytes_max, [self] {
    if (const auto alive = self.lock()) boost::asio::post(alive->loop_->io, [alive] { alive->pump(); });
  });
  stream->begin();
  if (is_head_request_) {
    stream->end(OutStream::End::Whole);
    answer.pieces = nullptr;
  }
  const bool is_push = answer.push && !is_head_request_;
  boost::asio::post(loop_->io, [alive = shared_from_this(), stream, is_push, pieces = answer.pieces] {
    alive->pieces_ = pieces;
    alive->begin_stream(stream, is_push);
  });
  if (is_push) answer.push(stream);
}

void Connection::refuse(int status, const Error& error) {
  if (request_id_.empty() || state_ == State::Reading) request_id_ = id_text("req", shared_.ids.next());
  keeps_alive_ = false;
  begun_ns_ = runtime::steady_ns();
  respond(problem(status, error, request_id_));
}

void Connection::on_finished() {
  if (state_ == State::Closed) return;
  // Reads on for a moment: closing with input unread would reset the connection and lose the answer.
  in_from_ = in_to_ = 0;
  read_more();
}

}  // namespace talon::http
