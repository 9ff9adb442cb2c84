#pragma once

#if !__has_include(<hiredis/hiredis.h>)
#error "hiredis headers not found. Debian/Ubuntu: apt-get install libhiredis-dev. macOS: brew install hiredis"
#endif
#include <hiredis/hiredis.h>
#include <stdlib.h>

#ifdef __linux__
#include <sys/eventfd.h>
#include <sys/prctl.h>

/// `eventfd` is not part of Swift's Glibc module.
static inline int chiredis_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

/// `prctl` takes any number of arguments, which Swift does not import.
static inline void chiredis_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }
#endif

// The functions below stand in front of those that hiredis makes its replies with, for two reasons.
//
// It makes room for an array as soon as the header is read: eleven bytes from a broken server could
// ask for 16 GiB. Arrays beyond the limits are refused.
//
// And a reply that is no array, which most are, goes to its reader at once, instead of being copied
// into two allocations, copied out of them, and freed.

#if HIREDIS_MAJOR >= 1
typedef size_t chiredis_count;
#else
typedef int chiredis_count;
#endif

/// Takes a reply that is no array; `bytes` live until it returns.
typedef void (*chiredis_take)(void *owner, int type, const char *bytes, size_t length,
                              long long integer);

struct chiredis_hooks {
  redisReplyObjectFunctions functions;
  redisReplyObjectFunctions originals;
  long long element_count_max;
  long long depth_max;
  long long element_count;
  chiredis_take take;
  void *owner;
  /// Its address stands for a reply that was taken.
  char taken;
};

static inline void *chiredis_create_array(const redisReadTask *task, chiredis_count count) {
  struct chiredis_hooks *hooks = (struct chiredis_hooks *)task->privdata;
  long long depth = 1;
  if (task->parent == NULL) hooks->element_count = 0;
  for (const redisReadTask *parent = task->parent; parent != NULL; parent = parent->parent) depth++;
  hooks->element_count += (long long)count;
  if (hooks->element_count > hooks->element_count_max || depth > hooks->depth_max) return NULL;
  return hooks->originals.createArray(task, count);
}

static inline void *chiredis_create_string(const redisReadTask *task, char *bytes, size_t length) {
  struct chiredis_hooks *hooks = (struct chiredis_hooks *)task->privdata;
  if (task->parent != NULL) return hooks->originals.createString(task, bytes, length);
  hooks->take(hooks->owner, task->type, bytes, length, 0);
  return &hooks->taken;
}

static inline void *chiredis_create_integer(const redisReadTask *task, long long integer) {
  struct chiredis_hooks *hooks = (struct chiredis_hooks *)task->privdata;
  if (task->parent != NULL) return hooks->originals.createInteger(task, integer);
  hooks->take(hooks->owner, task->type, NULL, 0, integer);
  return &hooks->taken;
}

static inline void *chiredis_create_nil(const redisReadTask *task) {
  struct chiredis_hooks *hooks = (struct chiredis_hooks *)task->privdata;
  if (task->parent != NULL) return hooks->originals.createNil(task);
  hooks->take(hooks->owner, REDIS_REPLY_NIL, NULL, 0, 0);
  return &hooks->taken;
}

/// A reader that hands replies which are no arrays to `take`, and fails with `REDIS_ERR_OOM` on an
/// array with more elements, nested ones included, or deeper nesting. NULL when there is no memory.
static inline redisReader *chiredis_reader_create(long long element_count_max, long long depth_max,
                                                  chiredis_take take) {
  redisReader *reader = redisReaderCreate();
  struct chiredis_hooks *hooks = (struct chiredis_hooks *)malloc(sizeof *hooks);
  if (reader == NULL || hooks == NULL) {
    if (reader != NULL) redisReaderFree(reader);
    free(hooks);
    return NULL;
  }
  hooks->originals = *reader->fn;
  hooks->functions = *reader->fn;
  hooks->functions.createArray = chiredis_create_array;
  hooks->functions.createString = chiredis_create_string;
  hooks->functions.createInteger = chiredis_create_integer;
  hooks->functions.createNil = chiredis_create_nil;
  hooks->element_count_max = element_count_max;
  hooks->depth_max = depth_max;
  hooks->element_count = 0;
  hooks->take = take;
  hooks->owner = NULL;
  reader->fn = &hooks->functions;
  reader->privdata = hooks;
  return reader;
}

/// What `take` is called with from now on.
static inline void chiredis_reader_set_owner(redisReader *reader, void *owner) {
  ((struct chiredis_hooks *)reader->privdata)->owner = owner;
}

/// Whether `reply` has gone to `take`, and must not be looked at or freed.
static inline int chiredis_is_taken(const redisReader *reader, const void *reply) {
  return reply == &((struct chiredis_hooks *)reader->privdata)->taken;
}

/// Frees what `chiredis_reader_create` made; the reader still needs the hooks while it is freed.
static inline void chiredis_reader_free(redisReader *reader) {
  void *hooks = reader->privdata;
  redisReaderFree(reader);
  free(hooks);
}

/// `errstr` is a fixed C array, which Swift imports as a 128-element tuple.
static inline const char *chiredis_reader_error(const redisReader *reader) {
  return reader->errstr;
}
