/// Starts slapd.
#include "tests/support/directory_server.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <thread>

namespace talon::support {

namespace {

constexpr const char* kAdministrator = "cn=root,dc=talon,dc=test";
constexpr const char* kAdministratorPassword = "the root password";

constexpr const char* kPeople = R"(dn: dc=talon,dc=test
objectClass: dcObject
objectClass: organization
o: Talon
dc: talon

dn: cn=talon,dc=talon,dc=test
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: talon
userPassword: the service password

dn: ou=people,dc=talon,dc=test
objectClass: organizationalUnit
ou: people

dn: ou=groups,dc=talon,dc=test
objectClass: organizationalUnit
ou: groups

dn: uid=ann,ou=people,dc=talon,dc=test
objectClass: inetOrgPerson
uid: ann
cn: Ann Example
sn: Example
mail: ann@talon.test
userPassword: the password of ann

dn: uid=bob,ou=people,dc=talon,dc=test
objectClass: inetOrgPerson
uid: bob
cn: Bob Example
sn: Example
mail: bob@talon.test
userPassword: the password of bob

dn: cn=Billing,ou=groups,dc=talon,dc=test
objectClass: groupOfNames
cn: Billing
member: uid=ann,ou=people,dc=talon,dc=test
member: uid=bob,ou=people,dc=talon,dc=test

dn: cn=selling,ou=groups,dc=talon,dc=test
objectClass: groupOfNames
cn: selling
member: uid=bob,ou=people,dc=talon,dc=test
)";

void must(const std::vector<std::string>& words) {
  const auto done = run_program(words);
  if (!done || done->code != 0) give_up(words.front() + ": " + (done ? done->errors : done.error().message));
}

std::string program(const char* name) { return find_program(name, {"/usr/sbin", "/usr/lib/openldap"}); }

}  // namespace

DirectoryServer::DirectoryServer(Tls tls) : port_(free_port()), tls_port_(free_port()) {
  configure(tls);
  start();
}

void DirectoryServer::configure(Tls tls) {
  std::filesystem::create_directories(directory_.file("db"));
  std::string settings;
  for (const char* schema : {"core", "cosine", "inetorgperson"}) {
    settings += std::string("include /etc/ldap/schema/") + schema + ".schema\n";
  }
  settings += "modulepath /usr/lib/ldap\nmoduleload back_mdb\npidfile " + directory_.file("pid") + "\n";
  if (tls == Tls::Offered) {
    must({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
          "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
          directory_.file("directory.key"), "-out", certificate()});
    settings += "TLSCertificateFile " + certificate() + "\nTLSCertificateKeyFile " +
                directory_.file("directory.key") + "\n";
  }
  settings += std::string("database mdb\nsuffix dc=talon,dc=test\nrootdn ") + kAdministrator + "\nrootpw \"" +
              kAdministratorPassword + "\"\ndirectory " + directory_.file("db") +
              "\naccess to attrs=userPassword by anonymous auth by * none\n"
              "access to * by dn.exact=" +
              service() + " read by anonymous auth by * none\n";
  directory_.write("slapd.conf", settings);
  directory_.write("people.ldif", kPeople);
  must({program("slapadd"), "-f", directory_.file("slapd.conf"), "-l", directory_.file("people.ldif")});
}

void DirectoryServer::start() {
  std::string addresses = "ldap://127.0.0.1:" + std::to_string(port_) + "/";
  if (std::filesystem::exists(certificate()))
    addresses += " ldaps://127.0.0.1:" + std::to_string(tls_port_) + "/";
  auto started =
      Child::start({program("slapd"), "-d", "0", "-f", directory_.file("slapd.conf"), "-h", addresses});
  if (!started) give_up(started.error().message);
  server_ = std::make_unique<Child>(*std::move(started));
  for (int tries = 0; tries < 600; ++tries) {
    const auto asked = run_program({"ldapsearch", "-x", "-H", "ldap://127.0.0.1:" + std::to_string(port_),
                                    "-D", kAdministrator, "-w", kAdministratorPassword, "-b",
                                    "dc=talon,dc=test", "-s", "base", "-LLL", "dc"});
    if (asked && asked->code == 0) return;
    if (!server_->is_running()) give_up("slapd ended: " + server_->errors());
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  give_up("slapd does not answer: " + server_->errors());
}

void DirectoryServer::stop() { server_.reset(); }

void DirectoryServer::change(const std::string& ldif) {
  directory_.write("change.ldif", ldif);
  must({"ldapmodify", "-x", "-H", "ldap://127.0.0.1:" + std::to_string(port_), "-D", kAdministrator, "-w",
        kAdministratorPassword, "-f", directory_.file("change.ldif")});
}

}  // namespace talon::support
