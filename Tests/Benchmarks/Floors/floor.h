// What all floors share: time, random numbers, and the protocol of a measured process.
//
// A measured process sets itself up, prints `ready`, and then runs one round for each line that it
// reads, until its input ends. A round answers with one line: `ops=… ns=…`, and `p50=… p99=…` (ns)
// where single operations were timed.
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static inline uint64_t clock_ns(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}
static inline uint64_t wall_ns(void) { return clock_ns(CLOCK_MONOTONIC); }
static inline uint64_t cpu_ns(void) { return clock_ns(CLOCK_PROCESS_CPUTIME_ID); }

// SplitMix64, as RepeatableRandom in the Swift half.
static inline uint64_t next_random(uint64_t *state) {
  uint64_t mixed = *state += 0x9E3779B97F4A7C15u;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
  return mixed ^ (mixed >> 31);
}

static inline void fail(const char *what, const char *why) {
  fprintf(stderr, "floor: %s: %s\n", what, why);
  exit(1);
}

static inline void *checked(void *memory) {
  if (!memory) fail("memory", "none left");
  return memory;
}

static inline long resident_bytes(void) {
  long pages = 0, resident = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (!file || fscanf(file, "%ld %ld", &pages, &resident) != 2) return 0;
  fclose(file);
  return resident * 4096;
}

// The latencies of one round.
struct latencies {
  uint64_t *ns;
  size_t count, capacity;
};

static inline void record(struct latencies *all, uint64_t ns) {
  if (all->count == all->capacity) {
    all->capacity = all->capacity ? all->capacity * 2 : 1024;
    all->ns = checked(realloc(all->ns, all->capacity * sizeof *all->ns));
  }
  all->ns[all->count++] = ns;
}

static inline int compare_ns(const void *left, const void *right) {
  uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
  return (a > b) - (a < b);
}

static inline void say_ready(const char *figures) {
  printf("ready %s\n", figures);
  fflush(stdout);
}

static inline int next_round(void) {
  char line[64];
  return fgets(line, sizeof line, stdin) != NULL;
}

static inline void say_round(uint64_t operations, uint64_t ns, struct latencies *all) {
  printf("ops=%llu ns=%llu", (unsigned long long)operations, (unsigned long long)ns);
  if (all && all->count) {
    qsort(all->ns, all->count, sizeof *all->ns, compare_ns);
    printf(" p50=%llu p99=%llu", (unsigned long long)all->ns[all->count / 2],
           (unsigned long long)all->ns[all->count * 99 / 100]);
    all->count = 0;
  }
  printf("\n");
  fflush(stdout);
}
