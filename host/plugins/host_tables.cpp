/// The functions behind the host's tables: each unwraps, calls the room, and lets no exception out.
#include "host/plugins/host_tables.hpp"

#include "host/runtime/log.hpp"

#include <talon/boundary.hpp>
#include <talon/id.hpp>
#include <talon/model.hpp>

#include <algorithm>

namespace talon::plugins {

struct HostTables::Functions {
  static HostTables& of(void* self) { return *static_cast<HostTables*>(self); }

  static const void* table(void* self, talon_text id) {
    HostTables& tables = of(self);
    const std::string_view name = boundary::view(id);
    if (name == TALON_LOG_V1) return &tables.log_;
    if (name == TALON_CLOCK_V1) return &tables.clock_;
    if (name == TALON_CONFIG_V1) return &tables.config_;
    if (name == TALON_MODEL_V1) return &tables.model_;
    if (name == TALON_RECORDS_V1) return &tables.records_;
    if (name == TALON_PLUGINS_V1) return &tables.plugins_;
    return nullptr;
  }

  static void log(void* self, uint32_t level, talon_text event, talon_text fields) {
    const auto known = static_cast<runtime::Level>(std::min(level, TALON_LOG_ERROR));
    if (!runtime::log().is_on(known)) return;
    const talon_status status = boundary::guarded(nullptr, [&]() -> Result<void> {
      TALON_TRY(Json json,
                fields.size == 0 ? Result<Json>(Json::object()) : Json::parse(boundary::view(fields)));
      // What is no object has no members to stand beside: it is one field itself.
      if (!json.is_object() && !json.is_null()) json = Json::object({{"fields", std::move(json)}});
      json.set("plugin", of(self).spec_.name);
      runtime::log().write(known, boundary::view(event), json);
      return {};
    });
    if (status != TALON_OK) runtime::log().warn("plugin.log_line_refused", {{"plugin", of(self).spec_.name}});
  }

  static int64_t now_us(void* self) { return of(self).services_.clock->now_us(); }
  static int64_t today(void* self) { return of(self).services_.clock->today(); }

  static talon_status settings(void* self, const talon_writer* out, const talon_writer* error) {
    return boundary::guarded(error, [&] { return boundary::give(out, of(self).spec_.settings.to_string()); });
  }
  static talon_status secret(void* self, talon_text name, const talon_writer* out,
                             const talon_writer* error) {
    return boundary::guarded(error, [&]() -> Result<void> {
      const HostTables& tables = of(self);
      if (!tables.services_.secret) return not_found("no secrets are configured");
      TALON_TRY(const std::string value, tables.services_.secret(tables.spec_.name, boundary::view(name)));
      return boundary::give(out, value);
    });
  }

  static Result<records::Records*> records_of(void* self) {
    records::Records* records = of(self).services_.records.load();
    if (records != nullptr) return records;
    return failed_precondition(
        "records are not open yet: a plugin may use them from `start` on, with a server");
  }
  static gate::Call call_of(void* self, const talon_call* call) {
    if (call != nullptr) return *unwrap(call);
    gate::Call own = of(self).own_call_;
    const gate::Call* asking = WorkingFor::current();
    if (asking == nullptr) return own;
    own.principal.on_behalf_of =
        asking->principal.user != 0 ? asking->principal.user : asking->principal.on_behalf_of;
    if (asking->principal.simulated_by != 0) {
      own.principal.simulated_by = asking->principal.simulated_by;
      own.principal.on_behalf_of = asking->principal.simulated_by;
    }
    own.request_id = asking->request_id;
    own.address = asking->address;
    own.reason = asking->reason;
    return own;
  }

  static talon_status model(void* self, const talon_writer* out) {
    return boundary::guarded(nullptr, [&]() -> Result<void> {
      TALON_TRY(const records::Records* records, records_of(self));
      return boundary::give(out, model::write_model(*records->model()).to_string());
    });
  }

  static talon_status query(void* self, const talon_call* call, talon_text query, const talon_rows* rows,
                            const talon_writer* error) {
    return boundary::guarded(error, [&]() -> Result<void> {
      TALON_TRY(records::Records * records, records_of(self));
      TALON_TRY(const Json json, Json::parse(boundary::view(query)));
      TALON_TRY(const records::QueryRequest request, records::read_query(json));
      std::size_t columns = 0;
      records::QuerySink sink;
      sink.columns = [&](const std::vector<records::Column>& named) -> Result<void> {
        columns = named.size();
        return {};
      };
      sink.row = [&](Row row) -> Result<void> {
        // Behind the columns stand currencies for the API's form of amounts, which plugins ask for by name.
        const auto count = static_cast<uint32_t>(std::min(columns, row.size()));
        const talon_status status = rows->row(rows->self, row.data(), count);
        if (status == TALON_OK) return {};
        return boundary::read_error(status, "{\"message\":\"the receiver takes no more rows\"}");
      };
      TALON_TRY(const records::PageEnd end, records->query(call_of(self, call), request, sink));
      static_cast<void>(end);  // pages are for the API: plugins stream
      return {};
    });
  }

  static talon_status apply(void* self, const talon_call* call, talon_text changes, const talon_writer* out,
                            const talon_writer* error) {
    return apply_all(self, call, changes, nullptr, 0, out, error);
  }
  static talon_status apply_all(void* self, const talon_call* call, talon_text changes,
                                const talon_value* values, uint64_t count, const talon_writer* out,
                                const talon_writer* error) {
    return boundary::guarded(error, [&]() -> Result<void> {
      TALON_TRY(records::Records * records, records_of(self));
      TALON_TRY(const Json json, Json::parse(boundary::view(changes)));
      if (values == nullptr && count > 0) return invalid("apply_all: values without an address");
      // A Cell adds no member to talon_value (value.hpp asserts it).
      const Row cells(static_cast<const Cell*>(values), count);
      TALON_TRY(const Json answer, records->apply(call_of(self, call), json, storage::Lane::Batch, cells));
      return boundary::give(out, answer.to_string());
    });
  }

  static talon_status act(void* self, const talon_call* call, talon_text type, talon_text id,
                          talon_text action, talon_text input, const talon_writer* out,
                          const talon_writer* error) {
    return boundary::guarded(error, [&]() -> Result<void> {
      TALON_TRY(records::Records * records, records_of(self));
      TALON_TRY(const Json json,
                input.size == 0 ? Result<Json>(Json::object()) : Json::parse(boundary::view(input)));
      TALON_TRY(const records::Written written,
                records->act(call_of(self, call), boundary::view(type), boundary::view(id),
                             boundary::view(action), -1, json));
      return boundary::give(out, written.record.to_string());
    });
  }

  static talon_status principal(void* self, const talon_call* call, const talon_writer* out) {
    return boundary::guarded(nullptr, [&] {
      const gate::Call asking = call_of(self, call);
      Json json = asking.principal.json();
      json.set("request", asking.request_id);
      return boundary::give(out, json.to_string());
    });
  }

  static bool is_required(void* self, std::string_view plugin) {
    const std::vector<std::string>& names = of(self).spec_.requires_plugins;
    return std::find(names.begin(), names.end(), plugin) != names.end();
  }

  static const void* plugin_table(void* self, talon_text plugin, talon_text id, void** instance) {
    const void* found = nullptr;
    const talon_status status = boundary::guarded(nullptr, [&]() -> Result<void> {
      const HostServices& services = of(self).services_;
      if (is_required(self, boundary::view(plugin)) && services.table) {
        found = services.table(boundary::view(plugin), boundary::view(id), instance);
      }
      return {};
    });
    return status == TALON_OK ? found : nullptr;
  }

  static talon_status command(void* self, const talon_call* call, talon_text plugin, talon_text command,
                              talon_text args, const talon_writer* out, const talon_writer* error) {
    return boundary::guarded(error, [&]() -> Result<void> {
      const HostTables& tables = of(self);
      const std::string name(boundary::view(plugin));
      if (!is_required(self, name)) {
        return denied(tables.spec_.name + " does not name " + name + " in its manifest's `requires`");
      }
      TALON_TRY(const Json json,
                args.size == 0 ? Result<Json>(Json::object()) : Json::parse(boundary::view(args)));
      const auto sink = [out](std::string_view text) { return boundary::give(out, text); };
      const gate::Call asking = call_of(self, call);
      return tables.services_.command(&asking, name, boundary::view(command), json, sink);
    });
  }
};

HostTables::HostTables(const HostServices& services, const Spec& spec) : services_(services), spec_(spec) {
  own_call_.principal.kind = gate::Principal::Kind::Plugin;
  own_call_.principal.plugin = spec.name;
  own_call_.principal.elevates = spec.elevates;
  own_call_.channel = "plugin";
  host_ = {sizeof host_, this, &Functions::table};
  log_ = {sizeof log_, this, &Functions::log};
  clock_ = {sizeof clock_, this, &Functions::now_us, &Functions::today};
  config_ = {sizeof config_, this, &Functions::settings, &Functions::secret};
  model_ = {sizeof model_, this, &Functions::model};
  records_ = {sizeof records_,      this,
              &Functions::query,    &Functions::apply,
              &Functions::act,      &Functions::principal,
              &Functions::apply_all};
  plugins_ = {sizeof plugins_, this, &Functions::plugin_table, &Functions::command};
}

}  // namespace talon::plugins
