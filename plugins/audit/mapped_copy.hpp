/// Copies into memory behind which a file stands.
///
/// Where the file is not there any more (somebody cut it short, the disk gives a page no more) the system
/// ends whoever writes there by SIGBUS. Here it ends the copy only.
#pragma once

#include <string_view>

namespace audit {

/// Before the first `copy_mapped`. The handler stays as long as the process: libraries are never unloaded,
/// and another version's may lead to it. What is no copy's goes to the handler that was there before.
/// @threads any; twice does no harm.
void catch_faults();

/// @return false: the file is not there; nothing says what of the bytes is. @threads any.
bool copy_mapped(char* to, std::string_view bytes);

}  // namespace audit
