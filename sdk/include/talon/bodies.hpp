/// Where the bodies of the sdk's functions stand.
///
/// The sdk is header-only: whoever includes it compiles what they use. A tree of many files compiles the same
/// bodies over and over; it defines TALON_SDK_LIBRARY, so that the headers only declare, and links one
/// library of `sdk/source/bodies.cpp`, which defines TALON_SDK_BODIES.
#pragma once

#ifdef TALON_SDK_BODIES
#define TALON_INLINE
#else
#define TALON_INLINE inline
#endif
