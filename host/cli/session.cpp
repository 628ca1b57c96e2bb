/// The connection and the errors that all commands share.
#include "host/cli/session.hpp"

#include "host/cli/output.hpp"
#include "host/cli/sign_in.hpp"
#include "host/http/problem.hpp"

#include <sstream>
#include <streambuf>
#include <utility>

namespace talon::cli {

int exit_code(const Error& error) {
  switch (error.code) {
    case Code::PermissionDenied:
      return kRefused;
    case Code::Unavailable:
    case Code::ResourceExhausted:
    case Code::DeadlineExceeded:
      return kLater;
    default:
      return kFailed;
  }
}

namespace {

constexpr const char* kUsualServer = "http://127.0.0.1:8080";

/// The id of who has that address, as far as the caller may know.
Result<std::string> user_of(Client& client, const std::string& email) {
  const std::string where = "email is " + Json(email).to_string();
  TALON_TRY(const Answer answer,
            client.send({.path = "/users", .query = {{"where", where}, {"fields", "id"}}}));
  TALON_TRY(const Json page, Json::parse(answer.body));
  if (page["items"].items().empty())
    return not_found("there is no user " + email + ", or not for you to see");
  return std::string(page["items"].items().front()["id"].string());
}

/// What to do about it, by the error's details; empty: the message has said it.
std::string remedy_of(const Error& error) {
  const auto parsed = Json::parse(error.details);
  const Json problem = parsed ? *parsed : Json();
  const std::string_view message = error.message;
  if (error.code == Code::Unauthenticated && !message.starts_with("the code"))
    return "Sign in with: talon login --server URL --email E --password-file F";
  if (error.code != Code::PermissionDenied) return {};
  if (problem["second_factor"].string() == "enrolment")
    return "Set it up with: talon second-factor begin, then talon second-factor confirm --code-file F";
  if (problem["second_factor"].string() == "code" || problem["proof"]["with"].string() == "code")
    return "Show it with: talon session prove --code-file F";
  if (!problem["proof"].is_null()) return "Give it with: talon session prove --password-file F";
  const Json& asked = problem["explain"];
  if (asked["action"].string().empty()) return {};
  std::string command = "Why: talon policy explain --user U --action " +
                        std::string(asked["action"].string()) + " --record " +
                        std::string(asked["type"].string());
  if (!asked["record"].is_null()) command += "/" + std::string(asked["record"].string());
  if (!asked["field"].is_null()) command += " --field " + std::string(asked["field"].string());
  return command + " (an administrator or auditor may ask)";
}

/// Takes a text as it comes and gives its lines, each as soon as it is whole.
class LineTaker : public std::streambuf {
 public:
  explicit LineTaker(std::function<void(const std::string&)> take) : take_(std::move(take)) {}

 protected:
  int_type overflow(int_type c) override {
    if (traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
    const char one = traits_type::to_char_type(c);
    xsputn(&one, 1);
    return c;
  }
  std::streamsize xsputn(const char* text, std::streamsize size) override {
    kept_.append(text, static_cast<std::size_t>(size));
    std::size_t from = 0;
    for (std::size_t end = 0; (end = kept_.find('\n', from)) != std::string::npos; from = end + 1) {
      take_(kept_.substr(from, end - from));
    }
    kept_.erase(0, from);
    return size;
  }

 private:
  std::function<void(const std::string&)> take_;
  std::string kept_;
};

}  // namespace

int Session::fail(const Error& error) {
  // The server says neither what is missing nor whether it is there for others; the command knows what was
  // named.
  const bool is_unnamed = error.code == Code::NotFound && error.message.starts_with(http::kNothingHere);
  err_ << "talon: "
       << (is_unnamed && !asked.empty() ? "there is no " + asked + ", or not for you to see" : error.message)
       << "\n";
  if (const std::string remedy = remedy_of(error); !remedy.empty()) err_ << remedy << "\n";
  if (error.code == Code::Unavailable && !is_server_named_)
    err_ << "Nobody is signed in here, so the usual address was asked; --server URL names another\n";
  return exit_code(error);
}

int Session::show(const Json& json) {
  if (options.is_json) {
    out_ << json.to_string() << "\n";
  } else {
    print_json(out_, json);
  }
  return kOk;
}

std::string Session::server_of(const std::string& saved) {
  is_server_named_ = !options.server.empty() || !saved.empty();
  if (!is_server_named_) return kUsualServer;
  return options.server.empty() ? saved : options.server;
}

Result<Client> Session::connect() {
  SignIn saved;
  if (auto found = read_sign_in(sign_in_path())) saved = *std::move(found);
  const std::string server = server_of(saved.server);
  std::string token = server == saved.server ? saved.token : std::string();
  if (!options.token_file.empty()) {
    TALON_TRY(token, read_private_line(options.token_file));
  }
  Client client(server, token, options.ca_file);
  if (options.as.empty()) return client;
  std::string user = options.as;
  if (user.find('@') != std::string::npos) {
    TALON_TRY(user, user_of(client, user));
  }
  client.view_as(std::move(user));
  return client;
}

Result<std::string> Session::user_id(const std::string& user) {
  if (user.find('@') == std::string::npos) return user;
  TALON_TRY(Client client, connect());
  return user_of(client, user);
}

Result<Json> Session::call(const Request& request) {
  TALON_TRY(Client client, connect());
  TALON_TRY(const Answer answer, client.send(request));
  if (answer.body.empty()) return Json();
  return Json::parse(answer.body);
}

int Session::stream_plugin_command(const std::string& plugin, const std::string& command, const Json& args) {
  auto client = connect();
  if (!client) return fail(client.error());
  const auto answer = client->send(
      {.method = "POST", .path = "/plugins/" + plugin + "/commands/" + command, .body = args}, &out_);
  if (!answer) return fail(answer.error());
  out_.flush();
  return kOk;
}

int Session::tabulate_plugin_command(const std::string& plugin, const std::string& command, const Json& args,
                                     const std::vector<std::string>& columns) {
  auto client = connect();
  if (!client) return fail(client.error());
  TablePrinter table(out_, columns);
  LineTaker lines([&](const std::string& line) {
    const auto json = Json::parse(line);
    if (!json) return;
    std::vector<std::string> row;
    for (const std::string& column : columns) row.push_back(cell_text((*json)[column]));
    table.add(std::move(row));
  });
  std::ostream stream(&lines);
  const auto answer = client->send(
      {.method = "POST", .path = "/plugins/" + plugin + "/commands/" + command, .body = args}, &stream);
  if (!answer) return fail(answer.error());
  if (table.is_empty()) {
    out_ << "nothing\n";
    return kOk;
  }
  table.finish();
  out_.flush();
  return kOk;
}

int Session::show_answer(const Request& request) {
  const auto answer = call(request);
  return answer ? show(*answer) : fail(answer.error());
}

void Session::will_show(Request request) {
  action = [this, request = std::move(request)] { return show_answer(request); };
}

int Session::run_plugin_command(const std::string& plugin, const std::string& command, const Json& args) {
  auto client = connect();
  if (!client) return fail(client.error());
  const Request request{
      .method = "POST", .path = "/plugins/" + plugin + "/commands/" + command, .body = args};
  if (options.is_json) {
    const auto answer = client->send(request, &out_);
    if (!answer) return fail(answer.error());
    out_ << "\n";
    return kOk;
  }
  const auto answer = client->send(request);
  if (!answer) return fail(answer.error());
  const auto json = Json::parse(answer->body);
  // An answer that brings its own words for a person, such as an explanation, is printed in them.
  if (json && (*json)["text"].is_string()) {
    out_ << (*json)["text"].string() << "\n";
    return kOk;
  }
  if (json && (json->is_object() || json->is_array())) return show(*json);
  out_ << answer->body << (answer->body.ends_with('\n') || answer->body.empty() ? "" : "\n");
  return kOk;
}

}  // namespace talon::cli
