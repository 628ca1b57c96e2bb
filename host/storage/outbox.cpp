/// The mark of trimming is one row of the host's settings, written with the deletion.
#include "host/storage/outbox.hpp"

#include <charconv>
#include <string>

namespace talon::storage {

namespace {

constexpr const char* kName = "outbox_trimmed";

int64_t number(std::string_view text) {
  int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

Result<OutboxPlace> trimmed_to(Reader& reader) {
  OutboxPlace place;
  TALON_DO(
      reader.rows({"select value from host_settings where name = ?", {kName}}, [&](Row row) -> Result<void> {
        const std::string_view text = row[0].text();
        const std::size_t space = text.find(' ');
        if (space == std::string_view::npos) return internal("host_settings: outbox_trimmed is no place");
        place = {number(text.substr(0, space)), number(text.substr(space + 1))};
        return {};
      }));
  return place;
}

Result<void> note_trimmed(Transaction& transaction, const OutboxPlace& place) {
  return transaction.post(
      {"insert into host_settings (name, value) values (?, ?) "
       "on conflict (name) do update set value = excluded.value",
       {kName, std::to_string(place.tx) + " " + std::to_string(place.id)}});
}

}  // namespace talon::storage
