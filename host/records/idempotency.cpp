/// Idempotency keys.
#include "host/records/idempotency.hpp"

#include <talon/date.hpp>
#include <talon/personal_values.hpp>

#include <algorithm>

namespace talon::records {

namespace {

/// How long a key is remembered, in microseconds: 30 days (decisions 8).
constexpr int64_t kKeptUs = 30 * kDayUs;

bool is_personal(const model::Field& field) { return field.is_personal; }

/// In an answer as it is stored.
bool is_mark(const Json& value) { return value.is_object() && value.find(kPersonalMark) != nullptr; }

}  // namespace

Result<KeyInUse> KeyInUse::take(Records::Inside& inside, const Call& call) {
  std::pair<std::string, std::string> key(call.principal.name(), call.idempotency_key);
  if (!key.second.empty()) {
    const std::lock_guard lock(inside.keys_mutex);
    if (!inside.keys_under_way.insert(key).second) {
      return Error{Code::Aborted, "a request with this Idempotency-Key is under way; try again in a moment",
                   Json::object({{"reason", "key_under_way"}}).to_string()};
    }
  }
  return KeyInUse(inside, std::move(key));
}

KeyInUse::KeyInUse(KeyInUse&& other) noexcept : inside_(other.inside_), key_(std::move(other.key_)) {
  other.inside_ = nullptr;
}

KeyInUse::~KeyInUse() {
  if (inside_ == nullptr || key_.second.empty()) return;
  const std::lock_guard lock(inside_->keys_mutex);
  inside_->keys_under_way.erase(key_);
}

Result<std::optional<StoredAnswer>> stored_answer(storage::Reader& reader, const Call& call,
                                                  std::string_view request_hash) {
  const auto asked_for = [](std::string_view hash) { return hash.substr(0, hash.find('/')); };
  std::optional<StoredAnswer> stored;
  if (call.idempotency_key.empty()) return stored;
  TALON_DO(reader.rows({"select request_hash, answer from idempotency_keys where principal = ? and key = ?",
                        {call.principal.name(), call.idempotency_key}},
                       [&](Row row) -> Result<void> {
                         if (asked_for(row[0].text()) != asked_for(request_hash)) {
                           return Error{Code::FailedPrecondition,
                                        "this Idempotency-Key was used for another request; take a new one",
                                        Json::object({{"reason", "key_reused"}}).to_string()};
                         }
                         stored.emplace();
                         stored->is_under_same_rights = row[0].text() == request_hash;
                         TALON_TRY(stored->answer, Json::parse(row[1].text()));
                         return {};
                       }));
  return stored;
}

Result<void> store_answer(Records::Inside& inside, const Call& call, const std::string& request_hash,
                          const Json& answer, storage::Transaction& transaction) {
  if (call.idempotency_key.empty() || request_hash.empty()) return {};
  const int64_t now = inside.parts.now_us();
  return transaction.post(
      {"insert into idempotency_keys (principal, key, request_hash, answer, at, expires_at) "
       "values (?, ?, ?, ?, ?, ?)",
       {call.principal.name(), call.idempotency_key, request_hash, answer.to_string(), now, now + kKeptUs}},
      1);
}

Json without_personal(const model::Model& model, const model::RecordType& type, const Json& answer) {
  if (!answer.is_object()) return answer;
  Json kept = answer;
  const Json mark = Json::object({{std::string(kPersonalMark), true}});
  for (const model::Field& field : type.fields) {
    const Json* value = answer.find(field.name);
    if (is_personal(field) && value != nullptr && !value->is_null()) kept.set(field.name, mark);
  }
  for (const model::ChildList& list : type.lists) {
    const model::RecordType* child = model.find(list.type);
    const bool has_some =
        child != nullptr && std::any_of(child->fields.begin(), child->fields.end(), is_personal);
    if (has_some && answer.find(list.name) != nullptr) kept.set(list.name, mark);
  }
  return kept;
}

std::vector<std::string> fields_kept_apart(const model::RecordType& type, const Json& answer) {
  std::vector<std::string> fields = {"id"};
  for (const auto& [name, value] : answer.members()) {
    if (!is_mark(value)) continue;
    if (type.find_field(name) == nullptr) return {};  // a list comes with the whole record
    fields.push_back(name);
  }
  return fields;
}

void put_apart_back(const Json& record, Json& answer) {
  Json whole = Json::object();
  for (const auto& [name, value] : answer.members()) {
    const Json* today = is_mark(value) ? record.find(name) : &value;
    if (today != nullptr) whole.set(name, *today);
  }
  answer = std::move(whole);
}

}  // namespace talon::records
