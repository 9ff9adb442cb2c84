#pragma once

#if !__has_include(<hiredis/hiredis.h>)
#error "hiredis headers not found. Debian/Ubuntu: apt-get install libhiredis-dev. macOS: brew install hiredis"
#endif
#include <hiredis/hiredis.h>
#include <stdlib.h>

#ifdef __linux__
#include <sys/eventfd.h>

/// `eventfd` is not part of Swift's Glibc module.
static inline int chiredis_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }
#endif

// hiredis makes room for an array as soon as its header is read: eleven bytes from a broken server
// could ask for 16 GiB. The function below stands in front of its own and refuses.

#if HIREDIS_MAJOR >= 1
typedef size_t chiredis_count;
#else
typedef int chiredis_count;
#endif

struct chiredis_limits {
  redisReplyObjectFunctions functions;
  void *(*create_array)(const redisReadTask *, chiredis_count);
  long long element_count_max;
  long long depth_max;
  long long element_count;
};

static inline void *chiredis_create_array(const redisReadTask *task, chiredis_count count) {
  struct chiredis_limits *limits = (struct chiredis_limits *)task->privdata;
  long long depth = 1;
  if (task->parent == NULL) limits->element_count = 0;
  for (const redisReadTask *parent = task->parent; parent != NULL; parent = parent->parent) depth++;
  limits->element_count += (long long)count;
  if (limits->element_count > limits->element_count_max || depth > limits->depth_max) return NULL;
  return limits->create_array(task, count);
}

/// A reader that fails with `REDIS_ERR_OOM` on a reply with more elements, nested ones included, or
/// deeper nesting. NULL when there is no memory.
static inline redisReader *chiredis_reader_create(long long element_count_max,
                                                  long long depth_max) {
  redisReader *reader = redisReaderCreate();
  struct chiredis_limits *limits = (struct chiredis_limits *)malloc(sizeof *limits);
  if (reader == NULL || limits == NULL) {
    if (reader != NULL) redisReaderFree(reader);
    free(limits);
    return NULL;
  }
  limits->functions = *reader->fn;
  limits->create_array = reader->fn->createArray;
  limits->functions.createArray = chiredis_create_array;
  limits->element_count_max = element_count_max;
  limits->depth_max = depth_max;
  limits->element_count = 0;
  reader->fn = &limits->functions;
  reader->privdata = limits;
  return reader;
}

/// Frees what `chiredis_reader_create` made; the reader still needs the functions while it is freed.
static inline void chiredis_reader_free(redisReader *reader) {
  void *limits = reader->privdata;
  redisReaderFree(reader);
  free(limits);
}

/// `errstr` is a fixed C array, which Swift imports as a 128-element tuple.
static inline const char *chiredis_reader_error(const redisReader *reader) {
  return reader->errstr;
}
