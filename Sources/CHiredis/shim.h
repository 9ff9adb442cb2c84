#pragma once

#if !__has_include(<hiredis/hiredis.h>)
#error "hiredis headers not found. Debian/Ubuntu: apt-get install libhiredis-dev. macOS: brew install hiredis"
#endif
#include <hiredis/hiredis.h>

#ifdef __linux__
#include <sys/eventfd.h>

/// `eventfd` is not part of Swift's Glibc module.
static inline int chiredis_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }
#endif
