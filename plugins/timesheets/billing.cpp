/// Groups time into lines whose quantities are exact.
#include "billing.hpp"

#include <talon/id.hpp>

#include <map>

namespace talon::timesheets {

namespace {

std::string vat_category_of(const Rate& rate, const VatDefault& vat) {
  return rate.vat_category.empty() ? vat.category : rate.vat_category;
}

std::string vat_rate_of(const Rate& rate, const VatDefault& vat) {
  if (rate.vat_rate) return rate.vat_rate->to_string();
  return vat_category_of(rate, vat) == "S" ? vat.rate : "0.00";
}

/// What entries of one line have in common.
std::string subject_of(const BillableEntry& entry, GroupBy by) {
  switch (by) {
    case GroupBy::Entry:
      return id_text("tse", entry.id);
    case GroupBy::Worker:
      return id_text("usr", entry.worker);
    case GroupBy::Activity:
      break;
  }
  return entry.project + "/" + entry.activity;
}

std::string description_of(const BillableEntry& entry, GroupBy by) {
  std::string text = entry.activity.empty() ? "Time worked" : entry.activity;
  if (!entry.project.empty()) text = entry.project + ": " + text;
  if (by == GroupBy::Entry) {
    text = entry.day.to_string() + " " + text;
    if (!entry.note.empty()) text += ", " + entry.note;
  }
  constexpr std::size_t kDescriptionMax = 1000;  // invoice_line.description
  if (text.size() <= kDescriptionMax) return text;
  std::size_t end = kDescriptionMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
    --end;  // no half of a character
  return text.substr(0, end);
}

void set_quantity(BilledLine& line, int64_t minutes) {
  // 4 decimals of an hour are exact where the minutes divide by 3: 60 = 2² · 3 · 5.
  const bool is_exact = minutes * 10000 % 60 == 0;
  line.quantity = is_exact ? Decimal(minutes * 10000 / 60, 4).to_string() : std::to_string(minutes);
  line.unit = is_exact ? "HUR" : "MIN";
  line.base_quantity = is_exact ? "1" : "60";
}

}  // namespace

Result<std::vector<BilledLine>> group_entries(const std::vector<BillableEntry>& entries, GroupBy by,
                                              const VatDefault& vat) {
  std::vector<BilledLine> lines;
  std::vector<int64_t> minutes;
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const BillableEntry& entry = entries[i];
    if (entry.rate.currency != entries.front().rate.currency) {
      return invalid("the rates are in " + entries.front().rate.currency + " and " + entry.rate.currency +
                     ": bill each currency by itself, with a narrower period or its own rates");
    }
    const std::string category = vat_category_of(entry.rate, vat);
    const std::string rate = vat_rate_of(entry.rate, vat);
    const std::string price = entry.rate.per_hour.to_string();
    const std::string group = subject_of(entry, by) + "@" + price + "/" + category + rate;
    const auto [place, is_new] = places.try_emplace(group, lines.size());
    if (is_new) {
      BilledLine& line = lines.emplace_back();
      line.source = "timesheets/" + std::to_string(lines.size());
      line.description = description_of(entry, by);
      line.price = price;
      line.vat_category = category;
      line.vat_rate = rate;
      minutes.push_back(0);
    }
    lines[place->second].entries.push_back(i);
    minutes[place->second] += entry.minutes;
  }
  for (std::size_t i = 0; i < lines.size(); ++i) set_quantity(lines[i], minutes[i]);
  return lines;
}

}  // namespace talon::timesheets
