/// Credentials on a request: api_key, basic, bearer, oauth2 client credentials.
#pragma once

#include "patience.hpp"

namespace talon::http_connector {

/// Puts the connection's credentials on `request`.
///
/// oauth2: one refresh per origin and client at a time, 60 s before the end; `force` drops the token that was
/// refused.
/// @return InvalidArgument: an unknown `auth.type`; Unauthenticated: the identity provider refuses the
/// client;
///         Unavailable: it cannot be reached.
Result<void> authorize(Request& request, const Settings& settings, Client& client, bool force);

/// True when a 401 may be cured by a new token.
bool can_refresh(const Settings& settings);

}  // namespace talon::http_connector
