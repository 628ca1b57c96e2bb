/// Bytes to one request, by Beast's parser.
#include "host/http/request_reader.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

namespace talon::http {

namespace beast = boost::beast;
using boost::system::error_code;

namespace {

constexpr std::size_t kFieldsMax = 100;
constexpr std::size_t kFieldsMostly = 16;  // as browsers send

RequestReader::Failure failure_of(const error_code& error) {
  using Beast = beast::http::error;
  const auto bad = [](int status, const char* what) {
    return RequestReader::Failure{status, Error{Code::InvalidArgument, what}};
  };
  if (error == Beast::header_limit) return bad(431, "the request's head is too large");
  if (error == Beast::body_limit) return bad(413, "the request's body is too large");
  if (error == Beast::bad_version) return bad(505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
  return bad(400, "not a well-formed HTTP request");
}

}  // namespace

class RequestReader::Parser : public beast::http::basic_parser<true> {
 public:
  Request request;
  bool wants_continue = false;
  bool is_head = false;
  int minor = 1;

 private:
  using string_view = beast::string_view;
  static std::string_view view(string_view text) { return {text.data(), text.size()}; }

  void on_request_impl(beast::http::verb, string_view method, string_view target, int version,
                       error_code& error) override {
    is_head = view(method) == "HEAD";
    request.method = is_head ? "GET" : std::string(view(method));
    request.target = std::string(view(target));
    minor = version % 10;
    if (version != 10 && version != 11) error = beast::http::error::bad_version;
  }
  void on_response_impl(int, string_view, int, error_code& error) override {
    error = beast::http::error::bad_method;
  }
  void on_field_impl(beast::http::field name, string_view text, string_view value,
                     error_code& error) override {
    if (is_header_done_) return;  // trailers of a chunked body have no meaning here
    using beast::http::field;
    if (request.headers.size() >= kFieldsMax) error = beast::http::error::header_limit;
    if (name == field::host && ++hosts_ > 1) error = beast::http::error::bad_field;
    // Anything but plain "chunked" leaves the body's end to guessing, which is how requests are smuggled.
    if (name == field::transfer_encoding &&
        (!is_same_name(view(value), "chunked") || ++encodings_ > 1 || minor == 0)) {
      error = beast::http::error::bad_transfer_encoding;
    }
    if (name == field::content_length && ++lengths_ > 1) error = beast::http::error::bad_content_length;
    if (name == field::expect) wants_continue = is_same_name(view(value), "100-continue");
    if (request.headers.empty()) request.headers.reserve(kFieldsMostly);
    request.headers.emplace_back(std::string(view(text)), std::string(view(value)));
  }
  void on_header_impl(error_code& error) override {
    is_header_done_ = true;
    if (minor == 1 && hosts_ != 1) error = beast::http::error::bad_field;
    if (encodings_ > 0 && lengths_ > 0) error = beast::http::error::bad_content_length;
  }
  void on_body_init_impl(boost::optional<std::uint64_t> const& size, error_code&) override {
    if (size) request.body.reserve(static_cast<std::size_t>(std::min<uint64_t>(*size, 64 * 1024)));
  }
  std::size_t on_body_impl(string_view body, error_code&) override {
    request.body.append(body.data(), body.size());
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override {
    request.body.append(body.data(), body.size());
    return body.size();
  }
  void on_finish_impl(error_code&) override {}

  bool is_header_done_ = false;
  int hosts_ = 0;
  int encodings_ = 0;
  int lengths_ = 0;
};

RequestReader::RequestReader(Limits limits) : limits_(limits), failure_{400, {}} { reset(); }
RequestReader::~RequestReader() = default;

void RequestReader::reset() {
  parser_ = std::make_unique<Parser>();
  parser_->header_limit(limits_.header_bytes);
  parser_->body_limit(limits_.body_bytes);
  parser_->eager(false);
  has_announced_ = false;
}

RequestReader::State RequestReader::put(std::string_view data, std::size_t& used) {
  used = 0;
  while (!parser_->is_done()) {
    error_code error;
    const std::string_view rest = data.substr(used);
    const std::size_t taken = parser_->put(boost::asio::const_buffer(rest.data(), rest.size()), error);
    used += taken;
    if (error == beast::http::error::need_more) return State::NeedsMore;
    if (error) {
      failure_ = failure_of(error);
      return State::Failed;
    }
    if (parser_->is_header_done() && !has_announced_) {
      has_announced_ = true;
      parser_->eager(true);
      if (parser_->wants_continue && !parser_->is_done() && used == data.size()) return State::WantsContinue;
    } else if (taken == 0) {
      return State::NeedsMore;
    }
    if (used == data.size() && !parser_->is_done()) return State::NeedsMore;
  }
  return State::Done;
}

bool RequestReader::is_head_done() const { return parser_->is_header_done(); }
bool RequestReader::wants_keep_alive() const { return parser_->keep_alive(); }
bool RequestReader::is_head_request() const { return parser_->is_head; }
bool RequestReader::is_http_1_0() const { return parser_->minor == 0; }
Request& RequestReader::request() { return parser_->request; }
const RequestReader::Failure& RequestReader::failure() const { return failure_; }

}  // namespace talon::http
