/// Starts the packaged servers.
#include "tests/support/peers.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <sstream>
#include <thread>

namespace talon::support {

std::string peers_directory() {
  static std::once_flag once;
  const std::string folder = std::string(TALON_SOURCE_DIR) + "/tests/peers";
  std::call_once(once, [&] {
    // npm writes this file last; an older one than the list of packages is of another list.
    namespace fs = std::filesystem;
    const fs::path installed = fs::path(folder) / "node_modules/.package-lock.json";
    const fs::path wanted = fs::path(folder) / "package-lock.json";
    if (fs::exists(installed) && fs::last_write_time(installed) >= fs::last_write_time(wanted)) return;
    const auto done =
        run_program({"npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"},
                    {.directory = folder});
    if (!done || done->code != 0) give_up("npm ci failed: " + (done ? done->errors : done.error().message));
  });
  return folder;
}

MailServer::MailServer(Manner manner) {
  const auto made = run_program(
      {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
       "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
       "-keyout", directory_.file("mail.key"), "-out", directory_.file("mail.pem")});
  if (!made || made->code != 0) give_up("openssl made no certificate");
  std::vector<std::string> words = {"node", "mail.mjs", directory_.file("mail.pem"),
                                    directory_.file("mail.key")};
  if (manner == Manner::RefusesTheFirst) words.emplace_back("refuse");
  if (manner == Manner::HangsUp) words.emplace_back("hang_up");
  if (manner == Manner::KnowsNobody) words.emplace_back("know_nobody");
  auto started = Child::start(words, {.directory = peers_directory()});
  if (!started) give_up(started.error().message);
  server_ = std::make_unique<Child>(*std::move(started));
  if (!server_->wait_for_text("\"port\"")) give_up("the mail server did not start: " + server_->errors());
  const std::string line = server_->output();
  const auto json = Json::parse(line.substr(0, line.find('\n')));
  if (!json) give_up("the mail server said " + line);
  port_ = static_cast<int>((*json)["port"].integer());
}

std::vector<Json> MailServer::letters() const {
  std::vector<Json> all;
  std::istringstream lines(server_->output());
  for (std::string line; std::getline(lines, line);) {
    const auto json = Json::parse(line);
    if (json && !(*json)["raw"].is_null()) all.push_back(*json);
  }
  return all;
}

std::vector<Json> MailServer::wait_for(std::size_t count) const {
  for (int tries = 0; tries < 600 && letters().size() < count; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return letters();
}

NodePeer::NodePeer(std::string script, int port) : script_(std::move(script)), port_(port) { start(); }

void NodePeer::stop() { server_.reset(); }

void NodePeer::start() {
  auto started = Child::start({"node", script_, std::to_string(port_)}, {.directory = peers_directory()});
  if (!started) give_up(started.error().message);
  server_ = std::make_unique<Child>(*std::move(started));
  if (!server_->wait_for_text("{\"port\":")) give_up(script_ + " did not start: " + server_->errors());
  const std::string text = server_->output();
  const std::size_t at = text.find("{\"port\":");
  port_ = std::atoi(text.c_str() + at + 8);
}

Browser::Page Browser::call(const std::string& url, const std::vector<std::string>& more) {
  const std::string jar = directory_.file("cookies");
  std::vector<std::string> words = {"curl", "-sS", "-b", jar,
                                    "-c",   jar,   "-w", "\n%{http_code} %{redirect_url}"};
  words.insert(words.end(), more.begin(), more.end());
  words.push_back(url);
  const auto done = run_program(words);
  if (!done || done->code != 0) return {};
  const std::size_t line = done->output.rfind('\n');
  const std::string last = done->output.substr(line + 1);
  return {std::atoi(last.c_str()), last.substr(std::min(last.find(' ') + 1, last.size())),
          done->output.substr(0, line)};
}

std::string Browser::sign_in(std::string url, const std::string& account, const std::string& end) {
  static constexpr int kStepsMax = 12;
  for (int step = 0; step < kStepsMax && !url.empty() && !url.starts_with(end); ++step) {
    Page page = get(url);
    if (page.status == 200) {
      const bool is_consent = page.text.find("value=\"consent\"") != std::string::npos;
      page = post(url, is_consent ? "prompt=consent" : "prompt=login&password=any&login=" + account);
    }
    url = page.location;
  }
  return url.starts_with(end) ? url : std::string();
}

std::string Browser::cookie(const std::string& name) const {
  std::ifstream jar(directory_.file("cookies"));
  for (std::string line; std::getline(jar, line);) {
    const std::size_t at = line.find("\t" + name + "\t");
    if (at != std::string::npos) return line.substr(at + name.size() + 2);
  }
  return {};
}

std::string text_of(const Json& letter) {
  const std::string raw(letter["raw"].string());
  std::string out;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '=' && raw.compare(i + 1, 2, "\r\n") == 0) {
      i += 2;
    } else if (raw[i] == '=' && i + 2 < raw.size()) {
      out.push_back(static_cast<char>(std::strtol(raw.substr(i + 1, 2).c_str(), nullptr, 16)));
      i += 2;
    } else {
      out.push_back(raw[i]);
    }
  }
  return out;
}

}  // namespace talon::support
