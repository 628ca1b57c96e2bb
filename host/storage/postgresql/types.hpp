/// The object ids of the types that statements bind and rows come in: pg_type.dat of PostgreSQL, which never
/// change.
#pragma once

#include <libpq-fe.h>

namespace talon::storage::postgresql {

inline constexpr Oid kBool = 16;
inline constexpr Oid kBytea = 17;
inline constexpr Oid kInt8 = 20;
inline constexpr Oid kInt2 = 21;
inline constexpr Oid kInt4 = 23;
inline constexpr Oid kText = 25;
inline constexpr Oid kOid = 26;
inline constexpr Oid kFloat4 = 700;
inline constexpr Oid kFloat8 = 701;
inline constexpr Oid kNumeric = 1700;
inline constexpr Oid kXid8 = 5069;

}  // namespace talon::storage::postgresql
