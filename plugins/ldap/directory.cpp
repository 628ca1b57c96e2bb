/// A connection to the directory over libldap.
#include "directory.hpp"

#include <ldap.h>
#include <sys/time.h>

#include <algorithm>

namespace talon::ldap {

namespace {

constexpr int kStepSeconds = 5;
constexpr const char* kSystemAuthorities = "/etc/ssl/certs/ca-certificates.crt";

struct MessageFree {
  void operator()(LDAPMessage* message) const { ldap_msgfree(message); }
};
using Message = std::unique_ptr<LDAPMessage, MessageFree>;

std::string words_of(LDAP* session, int status) {
  std::string text = ldap_err2string(status);
  char* more = nullptr;
  ldap_get_option(session, LDAP_OPT_DIAGNOSTIC_MESSAGE, &more);
  if (more != nullptr && *more != '\0') text.append(": ").append(more);
  ldap_memfree(more);
  return text;
}

bool is_unavailable(int status) {
  return status == LDAP_SERVER_DOWN || status == LDAP_CONNECT_ERROR || status == LDAP_TIMEOUT ||
         status == LDAP_BUSY || status == LDAP_UNAVAILABLE || status == LDAP_TIMELIMIT_EXCEEDED ||
         status == LDAP_OPERATIONS_ERROR;
}

Entry read_entry(LDAP* session, LDAPMessage* message, const std::vector<std::string>& attributes) {
  Entry entry;
  if (char* dn = ldap_get_dn(session, message); dn != nullptr) {
    entry.dn = dn;
    ldap_memfree(dn);
  }
  for (const std::string& name : attributes) {
    std::vector<std::string> values;
    berval** found = ldap_get_values_len(session, message, name.c_str());
    for (int i = 0; found != nullptr && found[i] != nullptr; ++i) {
      values.emplace_back(found[i]->bv_val, found[i]->bv_len);
    }
    ldap_value_free_len(found);
    entry.attributes.emplace_back(name, std::move(values));
  }
  return entry;
}

}  // namespace

const std::vector<std::string>& Entry::values(std::string_view attribute) const {
  static const std::vector<std::string> none;
  for (const auto& [name, values] : attributes) {
    if (name == attribute) return values;
  }
  return none;
}

std::string Entry::first(std::string_view attribute) const {
  const auto& all = values(attribute);
  return all.empty() ? std::string() : all.front();
}

struct Directory::Inside {
  explicit Inside(std::string address) : server(std::move(address)) {}
  ~Inside() {
    if (session != nullptr) ldap_unbind_ext_s(session, nullptr, nullptr);
  }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

  Error error(int status, const std::string& what) const {
    const std::string text = server + ": " + what + ": " + words_of(session, status);
    if (is_unavailable(status)) return unavailable(text);
    return failed_precondition(text + " (config/talon.yaml, plugins.settings.ldap)");
  }

  Result<void> prepare(const Settings& settings) {
    const int version = LDAP_VERSION3;
    const timeval limit{kStepSeconds, 0};
    const int demand = LDAP_OPT_X_TLS_DEMAND;
    const int least = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2;
    const int is_server = 0;
    const std::string authority = settings.authority.empty() ? kSystemAuthorities : settings.authority;
    bool is_set = ldap_set_option(session, LDAP_OPT_PROTOCOL_VERSION, &version) == LDAP_OPT_SUCCESS;
    is_set = is_set && ldap_set_option(session, LDAP_OPT_NETWORK_TIMEOUT, &limit) == LDAP_OPT_SUCCESS;
    is_set = is_set && ldap_set_option(session, LDAP_OPT_TIMEOUT, &limit) == LDAP_OPT_SUCCESS;
    is_set = is_set && ldap_set_option(session, LDAP_OPT_REFERRALS, LDAP_OPT_OFF) == LDAP_OPT_SUCCESS;
    if (!is_set) return internal("libldap does not take its options");
    is_set = ldap_set_option(session, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand) == LDAP_OPT_SUCCESS;
    is_set = is_set && ldap_set_option(session, LDAP_OPT_X_TLS_PROTOCOL_MIN, &least) == LDAP_OPT_SUCCESS;
    is_set = is_set &&
             ldap_set_option(session, LDAP_OPT_X_TLS_CACERTFILE, authority.c_str()) == LDAP_OPT_SUCCESS &&
             ldap_set_option(session, LDAP_OPT_X_TLS_NEWCTX, &is_server) == LDAP_OPT_SUCCESS;
    if (is_set) return {};
    return failed_precondition(authority +
                               ": no certificates of authorities there (config/talon.yaml, "
                               "plugins.settings.ldap.authority)");
  }

  std::string server;
  LDAP* session = nullptr;
};

Directory::Directory(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
Directory::Directory(Directory&&) noexcept = default;
Directory& Directory::operator=(Directory&&) noexcept = default;
Directory::~Directory() = default;

Result<Directory> Directory::open(const Settings& settings) {
  auto inside = std::make_unique<Inside>(settings.server);
  if (ldap_initialize(&inside->session, settings.server.c_str()) != LDAP_SUCCESS)
    return failed_precondition(settings.server + ": no address (config/talon.yaml, plugins.settings.ldap)");
  TALON_DO(inside->prepare(settings));
  if (settings.server.starts_with("ldap://") && settings.is_starttls) {
    const int status = ldap_start_tls_s(inside->session, nullptr, nullptr);
    // A server that answers and does not begin TLS is not one that may have a password.
    if (status == LDAP_CONNECT_ERROR) return failed_precondition(inside->error(status, "TLS").message);
    if (status != LDAP_SUCCESS) return inside->error(status, "TLS");
  }
  return Directory(std::move(inside));
}

Result<bool> Directory::bind(const std::string& dn, const std::string& password, std::string& reason) {
  if (dn.empty() || password.empty()) {
    reason = "password_empty";
    return false;
  }
  std::string bytes = password;
  berval credentials{bytes.size(), bytes.data()};
  const int status = ldap_sasl_bind_s(inside_->session, dn.c_str(), LDAP_SASL_SIMPLE, &credentials, nullptr,
                                      nullptr, nullptr);
  if (status == LDAP_SUCCESS) return true;
  if (is_unavailable(status)) return inside_->error(status, "bind");
  reason = status == LDAP_INVALID_CREDENTIALS ? "password" : "bind_refused";
  return false;
}

Result<std::vector<Entry>> Directory::search(const std::string& base, const std::string& filter,
                                             const std::vector<std::string>& attributes, int limit) {
  std::vector<char*> names;
  for (const std::string& name : attributes) names.push_back(const_cast<char*>(name.c_str()));
  names.push_back(nullptr);
  timeval wait{kStepSeconds, 0};
  LDAPMessage* answer = nullptr;
  const int status = ldap_search_ext_s(inside_->session, base.c_str(), LDAP_SCOPE_SUBTREE, filter.c_str(),
                                       names.data(), 0, nullptr, nullptr, &wait, limit, &answer);
  const Message kept(answer);
  std::vector<Entry> entries;
  if (status != LDAP_SUCCESS && status != LDAP_SIZELIMIT_EXCEEDED)
    return inside_->error(status, "search below " + base);
  for (LDAPMessage* one = ldap_first_entry(inside_->session, answer); one != nullptr;
       one = ldap_next_entry(inside_->session, one)) {
    entries.push_back(read_entry(inside_->session, one, attributes));
  }
  return entries;
}

}  // namespace talon::ldap
