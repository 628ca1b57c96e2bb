/// Finds a query's statement, kept or built anew.
#include "host/records/select_cache.hpp"

#include "host/records/select.hpp"

#include <utility>

namespace talon::records {

namespace {

/// Everything that a statement is built from but its linked decisions and the model, which are compared when
/// it is found. Each text stands behind its length, so that no two requests share a key.
class Key {
 public:
  Key(const Call& call, const QueryRequest& request, const gate::Decision& decision, int64_t today) {
    add(static_cast<int64_t>(call.principal.kind));
    add(static_cast<int64_t>(reinterpret_cast<std::intptr_t>(&decision)));
    add(today);
    add(request.limit);
    add(request.wants_total ? 1 : 0);
    add(request.type);
    add(request.action);
    add(request.by);
    if (request.by.empty()) add(request.where);
    for (const auto* list : {&request.fields, &request.order, &request.group, &request.aggregates}) {
      add(static_cast<int64_t>(list->size()));
      for (const std::string& text : *list) add(text);
    }
  }
  const std::string& text() const { return text_; }

 private:
  void add(int64_t number) { text_.append(std::to_string(number)).push_back(';'); }
  void add(std::string_view text) {
    add(static_cast<int64_t>(text.size()));
    text_.append(text);
  }

  std::string text_;
};

std::size_t size_of(const storage::Sql& sql) {
  std::size_t size = sql.text.capacity() + sql.binds.capacity() * sizeof(Value);
  for (const Value& bind : sql.binds) size += bind.is_text() ? bind.text().size() : 0;
  return size;
}

/// What grows with the rules; the decisions are the gate's.
std::size_t size_of(const Select& select) {
  return size_of(select.sql) + (select.total ? size_of(*select.total) : 0);
}

/// Whether the gate still gives what the statement was built with.
Result<bool> is_current(Records::Inside& inside, const Call& call, const Select& select) {
  if (select.generation != inside.generation()) return false;
  for (const auto& [type, decision] : select.linked) {
    TALON_TRY(const auto now, inside.parts.gate->decide(call.principal, "view", type));
    if (now != decision) return false;
  }
  return true;
}

}  // namespace

std::shared_ptr<const Select> SelectCache::find(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = kept_.find(key);
  return found == kept_.end() ? nullptr : found->second;
}

void SelectCache::keep(const std::string& key, std::shared_ptr<const Select> select) {
  const std::size_t size = size_of(*select);
  if (key.size() > kKeyMax || size > kBytesMax) return;
  const std::lock_guard lock(mutex_);
  if (kept_.size() >= kKeptMax || bytes_ + size > kBytesMax) {
    kept_.clear();
    bytes_ = 0;
  }
  auto& place = kept_[key];
  if (place != nullptr) bytes_ -= size_of(*place);
  bytes_ += size;
  place = std::move(select);
}

Result<std::shared_ptr<const Select>> find_select(Records::Inside& inside, const Call& call,
                                                  const QueryRequest& request) {
  const auto build = [&]() -> Result<std::shared_ptr<const Select>> {
    TALON_TRY(Select select, build_select(inside, call, request));
    return std::make_shared<const Select>(std::move(select));
  };
  const auto generation = inside.generation();
  const TypeInfo* type = generation->find(request.type);
  if (type == nullptr || !request.cursor.empty()) return build();
  const std::string& judged = type->parent != nullptr ? type->parent->type->name : type->type->name;
  TALON_TRY(const auto decision, inside.parts.gate->decide(call.principal, request.action, judged));
  const Key key(call, request, *decision, inside.parts.today());
  if (auto kept = inside.selects.find(key.text())) {
    TALON_TRY(const bool is_same, is_current(inside, call, *kept));
    if (is_same) return kept;
  }
  TALON_TRY(std::shared_ptr<const Select> built, build());
  // Built with what the key names, and not with a decision that came in between.
  if (built->decision == decision) inside.selects.keep(key.text(), built);
  return built;
}

}  // namespace talon::records
