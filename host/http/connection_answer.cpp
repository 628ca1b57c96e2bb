/// One connection's state machine: the answer's way out.
#include "host/http/connection.hpp"
#include "host/runtime/clock.hpp"
#include "host/runtime/log.hpp"

#include <array>
#include <ctime>

namespace talon::http {

namespace {

constexpr std::size_t kOneWriteMax =
    16 * 1024;  // below this, copying is cheaper than a second buffer (and TLS record)
constexpr std::size_t kHeadMostly = 224;  // what the listener itself adds to a head
constexpr std::chrono::milliseconds kLingerTime{2'000};
constexpr std::chrono::milliseconds kLingerTimeDraining{100};

// The Date header changes once a second; formatting it for each answer would cost more than the rest of the
// head.
std::string_view date_line() {
  thread_local std::time_t kept = 0;
  thread_local std::array<char, 64> text{};
  thread_local std::size_t size = 0;
  const std::time_t now = std::time(nullptr);
  if (now != kept) {
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    size = std::strftime(text.data(), text.size(), "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts);
    kept = now;
  }
  return {text.data(), size};
}

}  // namespace

std::string Connection::head_of(const Response& answer, std::string_view framing,
                                std::size_t body_bytes) const {
  std::string head;
  head.reserve(kHeadMostly + answer.headers.text().size() + body_bytes);
  head.append("HTTP/1.1 ").append(std::to_string(answer.status)).append(" ");
  head.append(reason_phrase(answer.status)).append("\r\n").append(date_line());
  head.append(answer.headers.text());
  if (!request_id_.empty()) head.append("X-Request-Id: ").append(request_id_).append("\r\n");
  head.append(framing);
  if (!keeps_alive_ || (is_http_1_0_ && framing.empty() && answer.pieces))
    head.append("Connection: close\r\n");
  else if (is_http_1_0_)
    head.append("Connection: keep-alive\r\n");
  return head.append("\r\n");
}

void Connection::respond(Response answer) {
  if (state_ == State::Closed) return;
  if (shared_.is_draining) keeps_alive_ = false;
  const bool has_no_body = answer.status == 204 || answer.status == 304;
  const std::string length = "Content-Length: " + std::to_string(answer.body.size()) + "\r\n";
  const bool sends_body = !is_head_request_ && !has_no_body;
  const bool is_one_write = answer.body.size() <= kOneWriteMax;
  out_ = head_of(answer, has_no_body ? std::string_view() : std::string_view(length),
                 sends_body && is_one_write ? answer.body.size() : 0);
  body_.clear();
  if (sends_body && is_one_write)
    out_.append(answer.body);
  else if (sends_body)
    body_ = std::move(answer.body);
  shared_.requests[answer.status >= 100 && answer.status < 600 ? answer.status / 100 : 0]->add();
  if (begun_ns_ != 0) shared_.wait->observe_us((runtime::steady_ns() - begun_ns_) / 1000);
  state_ = State::Writing;
  has_begun_writing_ = false;
  set_deadline(shared_.options.write_time);
  if (is_writing_) return;  // "100 Continue" is still on its way; its end starts this one
  write_answer();
}

void Connection::write_answer() {
  is_writing_ = has_begun_writing_ = true;
  transport_->write(shared_from_this(), out_, body_);
}

void Connection::begin_stream(std::shared_ptr<OutStream> stream, bool is_push) {
  if (state_ == State::Closed) return stream->gone();
  stream_ = std::move(stream);
  is_push_ = is_push;
  state_ = State::Streaming;
  if (is_http_1_0_) keeps_alive_ = false;
  if (shared_.is_draining) drain();
  read_more();  // to see the client leave while nothing is written
  pump();
}

void Connection::pump() {
  if (state_ != State::Streaming || is_writing_ || !stream_) return;
  OutStream::End end = OutStream::End::Open;
  out_ = stream_->take(end);
  if (out_.empty() && end == OutStream::End::Open && pieces_) {
    add_piece();
    out_ = stream_->take(end);
  }
  if (!out_.empty()) {
    is_writing_ = true;
    set_deadline(shared_.options.write_time);
    return transport_->write(shared_from_this(), out_, {});
  }
  no_deadline();
  if (end == OutStream::End::Cut) return close();
  if (end == OutStream::End::Whole) {
    stream_.reset();
    pieces_ = nullptr;
    shared_.requests[2]->add();
    after_answer();
  }
}

void Connection::add_piece() {
  const Result<std::string> piece = pieces_();
  if (!piece) {
    runtime::log().error("http.stream_cut", {{"request", request_id_}, {"reason", piece.error().message}});
    return stream_->end(OutStream::End::Cut);
  }
  if (piece->empty()) return stream_->end(OutStream::End::Whole);
  stream_->add(*piece);
}

void Connection::on_written(const error_code& error) {
  is_writing_ = false;
  if (state_ == State::Closed) return;
  if (error) return close();
  if (state_ == State::Streaming) return pump();
  if (state_ == State::Writing) return has_begun_writing_ ? after_answer() : write_answer();
}

void Connection::after_answer() {
  if (keeps_alive_ && !shared_.is_draining) return read_next();
  state_ = State::Finishing;
  set_deadline(shared_.is_draining ? kLingerTimeDraining : kLingerTime);
  if (!is_reading_) return transport_->finish(shared_from_this());
  error_code ignored;  // a read is under way, beside which TLS cannot say good-bye; the body's end was said
  transport_->socket().shutdown(tcp::socket::shutdown_send, ignored);
  on_finished();
}

}  // namespace talon::http
