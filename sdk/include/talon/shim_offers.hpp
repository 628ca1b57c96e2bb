/// The shims of the tables behind talon/offers.hpp, and the instance that every shim gets as `self`.
#pragma once

#include <talon/host_client.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace talon::shim {

/// What `self` points to.
struct Instance {
  explicit Instance(const talon_host* raw) : host(raw) {}

  Records records(const talon_call* call) const {
    return {boundary::host_table<talon_records_v1>(host.raw(), TALON_RECORDS_V1), call};
  }

  Host host;
  std::unique_ptr<Plugin> plugin;         // its constructor gets `host`, so it goes first
  AuthorizerOffer* authorizer = nullptr;  // these are `plugin` under another type, or null
  AuditOffer* audit = nullptr;
  LoginOffer* login = nullptr;
  SourceOffer* source = nullptr;
  SinkOffer* sink = nullptr;
};

inline Instance& instance_of(void* self) { return *static_cast<Instance*>(self); }

/// An empty text reads as an empty object.
inline Result<Json> read_json(talon_text text) {
  if (text.size == 0) return Json::object();
  return Json::parse(boundary::view(text));
}

inline Error no_handler(const std::string& kind, std::string_view name) {
  return {Code::Unimplemented, "the plugin has no handler for " + kind + " " + std::string(name) +
                                   "; its library is older than its manifest"};
}

inline talon_status plan(void* self, talon_text principal, talon_text action, talon_text type,
                         const talon_writer* out, const talon_writer* error) noexcept {
  return boundary::guarded(error, [&]() -> Result<void> {
    TALON_TRY(const Json who, read_json(principal));
    TALON_TRY(const std::string plan,
              instance_of(self).authorizer->plan(who, boundary::view(action), boundary::view(type)));
    return boundary::give(out, plan);
  });
}

inline talon_status explain(void* self, talon_text question, const talon_writer* out,
                            const talon_writer* error) noexcept {
  return boundary::guarded(error, [&]() -> Result<void> {
    TALON_TRY(const Json json, read_json(question));
    TALON_TRY(const std::string why, instance_of(self).authorizer->explain(json));
    return boundary::give(out, why);
  });
}

inline talon_status log_read(void* self, talon_text entry, const talon_writer* error) noexcept {
  return boundary::guarded(error, [&] { return instance_of(self).audit->read(boundary::view(entry)); });
}

inline talon_status verify_login(void* self, talon_text credentials, const talon_writer* user,
                                 const talon_writer* error) noexcept {
  return boundary::guarded(error, [&]() -> Result<void> {
    TALON_TRY(const Json json, read_json(credentials));
    TALON_TRY(const std::string id, instance_of(self).login->verify(json));
    return boundary::give(user, id);
  });
}

inline talon_status open_source(void* self, talon_text connection, void** handle,
                                const talon_writer* error) noexcept {
  return boundary::guarded(error, [&]() -> Result<void> {
    TALON_TRY(const Json json, read_json(connection));
    TALON_TRY(std::unique_ptr<SourceSession> session, instance_of(self).source->open_source(json));
    *handle = session.release();
    return {};
  });
}

inline talon_status read_source(void*, void* handle, talon_text request, const talon_rows* rows,
                                const talon_writer* page, const talon_writer* error) noexcept {
  return boundary::guarded(error, [&]() -> Result<void> {
    TALON_TRY(const Json json, read_json(request));
    const auto take = [rows](Row row) -> Result<void> {
      const talon_status status = rows->row(rows->self, row.data(), static_cast<uint32_t>(row.size()));
      if (status == TALON_OK) return {};
      return boundary::read_error(status, "{\"message\":\"the receiver takes no more rows\"}");
    };
    TALON_TRY(const Json end, static_cast<SourceSession*>(handle)->read(json, take));
    return boundary::give(page, end.to_string());
  });
}

inline talon_status describe_source(void*, void* handle, talon_text request, const talon_writer* out,
                                    const talon_writer* error) noexcept {
  return boundary::guarded(error, [&]() -> Result<void> {
    TALON_TRY(const Json json, read_json(request));
    TALON_TRY(const Json answer, static_cast<SourceSession*>(handle)->describe(json));
    return boundary::give(out, answer.to_string());
  });
}

inline void cancel_source(void* self, void* handle) noexcept {
  const talon_status status = boundary::guarded(nullptr, [&]() -> Result<void> {
    static_cast<SourceSession*>(handle)->cancel();
    return {};
  });
  if (status != TALON_OK) instance_of(self).host.log(TALON_LOG_WARN, "source.cancel_failed");
}

inline void close_source(void*, void* handle) noexcept { delete static_cast<SourceSession*>(handle); }

inline talon_status open_sink(void* self, talon_text connection, void** handle,
                              const talon_writer* error) noexcept {
  return boundary::guarded(error, [&]() -> Result<void> {
    TALON_TRY(const Json json, read_json(connection));
    TALON_TRY(std::unique_ptr<SinkSession> session, instance_of(self).sink->open_sink(json));
    *handle = session.release();
    return {};
  });
}

inline talon_status send_sink(void*, void* handle, talon_text request, const talon_writer* out,
                              const talon_writer* error) noexcept {
  return boundary::guarded(error, [&]() -> Result<void> {
    TALON_TRY(const Json json, read_json(request));
    TALON_TRY(const Json answer, static_cast<SinkSession*>(handle)->send(json));
    return boundary::give(out, answer.to_string());
  });
}

inline void close_sink(void*, void* handle) noexcept { delete static_cast<SinkSession*>(handle); }

inline constexpr talon_authorizer_v1 kAuthorizer{sizeof(talon_authorizer_v1), &plan, &explain};
inline constexpr talon_audit_v1 kAudit{sizeof(talon_audit_v1), &log_read};
inline constexpr talon_login_v1 kLogin{sizeof(talon_login_v1), &verify_login};
inline constexpr talon_source_v1 kSource{sizeof(talon_source_v1), &open_source,   &read_source,
                                         &describe_source,        &cancel_source, &close_source};
inline constexpr talon_sink_v1 kSink{sizeof(talon_sink_v1), &open_sink, &send_sink, &close_sink};

/// The table of an interface that the plugin's class derives from, or null.
inline const void* offered_table(const Instance& instance, std::string_view id) {
  if (id == TALON_AUTHORIZER_V1 && instance.authorizer != nullptr) return &kAuthorizer;
  if (id == TALON_AUDIT_V1 && instance.audit != nullptr) return &kAudit;
  if (id == TALON_LOGIN_V1 && instance.login != nullptr) return &kLogin;
  if (id == TALON_SOURCE_V1 && instance.source != nullptr) return &kSource;
  if (id == TALON_SINK_V1 && instance.sink != nullptr) return &kSink;
  return nullptr;
}

}  // namespace talon::shim
