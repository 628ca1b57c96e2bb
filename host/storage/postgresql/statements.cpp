/// Prepared statements and their values.
#include "host/storage/postgresql/statements.hpp"

#include "host/storage/placeholders.hpp"
#include "host/storage/postgresql/types.hpp"

#include <endian.h>

#include <algorithm>

namespace talon::storage::postgresql {

namespace {

Oid type_of(const Value& value) {
  if (value.is_integer()) return kInt8;
  if (value.is_text()) return kText;
  return value.is_bytes() ? kBytea : 0;
}

bool fits(const Prepared& prepared, const std::vector<Value>& binds) {
  return std::equal(prepared.types.begin(), prepared.types.end(), binds.begin(), binds.end(),
                    [](Oid type, const Value& value) { return value.is_null() || type_of(value) == type; });
}

}  // namespace

Statements::Found Statements::find(const Sql& sql) {
  auto found = texts_.find(sql.text);
  if (found == texts_.end()) {
    found = texts_.emplace(sql.text, Text{number_placeholders(sql.text), {}}).first;
  }
  Text& text = found->second;
  for (Prepared& form : text.forms) {
    if (fits(form, sql.binds)) return {&form, &text.numbered, false};
  }
  Prepared& made = text.forms.emplace_back();
  made.name = "t" + std::to_string(++made_);
  for (std::size_t i = 0; i < sql.binds.size(); ++i) {
    Oid type = type_of(sql.binds[i]);
    // A null takes the type that the place had before, so that the next execution fits this form too.
    for (const Prepared& form : text.forms) {
      if (type == 0 && i < form.types.size()) type = form.types[i];
    }
    made.types.push_back(type);
  }
  return {&made, &text.numbered, true};
}

void Statements::forget(const Prepared* prepared) {
  for (auto& [key, text] : texts_) {
    for (Prepared& form : text.forms) {
      // Its address may still be queued: it stays, but fits nothing any more.
      if (&form == prepared) form.types.assign(form.types.size() + 1, 0);
    }
  }
}

Parameters::Parameters(const Sql& sql) {
  integers_.reserve(sql.binds.size());
  for (const Value& value : sql.binds) {
    const std::string_view text = value.text();
    if (value.is_integer()) {
      integers_.push_back(static_cast<int64_t>(htobe64(static_cast<uint64_t>(value.integer()))));
      values_.push_back(reinterpret_cast<const char*>(&integers_.back()));
      lengths_.push_back(sizeof(int64_t));
    } else if (value.is_null()) {
      values_.push_back(nullptr);
      lengths_.push_back(0);
    } else {
      values_.push_back(text.data() != nullptr ? text.data() : "");
      lengths_.push_back(static_cast<int>(text.size()));
    }
    formats_.push_back(1);
  }
}

}  // namespace talon::storage::postgresql
