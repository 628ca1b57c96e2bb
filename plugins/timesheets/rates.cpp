/// Finds the most specific rate.
#include "rates.hpp"

#include <tuple>

namespace talon::timesheets {

namespace {

bool fits(const Rate& rate, const RateQuestion& question) {
  return (rate.worker == 0 || rate.worker == question.worker) &&
         (rate.client == 0 || rate.client == question.client) &&
         (rate.activity.empty() || rate.activity == question.activity) && rate.valid_from <= question.day &&
         (!rate.valid_until || question.day <= *rate.valid_until);
}

auto rank(const Rate& rate) {
  return std::make_tuple(rate.client != 0, rate.worker != 0, !rate.activity.empty(), rate.valid_from,
                         rate.id);
}

}  // namespace

const Rate* best_rate(std::span<const Rate> rates, const RateQuestion& question) {
  const Rate* best = nullptr;
  for (const Rate& rate : rates) {
    if (fits(rate, question) && (best == nullptr || rank(*best) < rank(rate))) best = &rate;
  }
  return best;
}

}  // namespace talon::timesheets
