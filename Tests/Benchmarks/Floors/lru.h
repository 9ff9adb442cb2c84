// The plain C session table: a flat hash with linear probing, and nodes in one array, linked by
// index. KEY_BYTES is the width of an id.
#pragma once

#include "floor.h"

#define NONE UINT32_MAX

struct node {
  unsigned char key[KEY_BYTES];
  uint32_t older, newer;
  int64_t last_use;
  uint64_t value;
};

struct bucket {
  uint32_t hash, node;
};

struct table {
  struct node *nodes;
  struct bucket *buckets;
  uint32_t mask, count, limit, oldest, newest;
  int64_t time_to_live;
};

static inline uint64_t mix(uint64_t a, uint64_t b) {
  __uint128_t product = (__uint128_t)a * b;
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t word(const unsigned char *bytes) {
  uint64_t value;
  memcpy(&value, bytes, 8);
  return value;
}

static inline uint32_t hash_of(const unsigned char *key) {
  uint64_t hash = mix(word(key) ^ 0xA0761D6478BD642Fu, word(key + 8) ^ 0xE7037ED1A0B428DBu);
#if KEY_BYTES == 36
  hash ^= mix(word(key + 16) ^ 0x8EBC6AF09C88C6E3u, word(key + 24) ^ 0x589965CC75374CC3u);
  hash = mix(hash, word(key + 28) ^ 0x1D8E4E27C47D124Fu);
#endif
  return (uint32_t)(hash ^ (hash >> 32));
}

static void table_init(struct table *table, uint32_t limit, int64_t time_to_live) {
  uint32_t size = 16;
  while (size < limit * 2) size *= 2;
  table->nodes = checked(malloc((size_t)limit * sizeof *table->nodes));
  table->buckets = checked(malloc((size_t)size * sizeof *table->buckets));
  memset(table->buckets, 0xFF, (size_t)size * sizeof *table->buckets);
  table->mask = size - 1;
  table->count = 0;
  table->limit = limit;
  table->oldest = table->newest = NONE;
  table->time_to_live = time_to_live;
}

static inline uint32_t find(const struct table *table, const unsigned char *key, uint32_t hash) {
  for (uint32_t at = hash & table->mask;; at = (at + 1) & table->mask) {
    const struct bucket *bucket = &table->buckets[at];
    if (bucket->node == NONE) return NONE;
    if (bucket->hash == hash && memcmp(table->nodes[bucket->node].key, key, KEY_BYTES) == 0)
      return bucket->node;
  }
}

static inline void unlink_node(struct table *table, uint32_t index) {
  struct node *node = &table->nodes[index];
  if (node->older != NONE) table->nodes[node->older].newer = node->newer;
  else table->oldest = node->newer;
  if (node->newer != NONE) table->nodes[node->newer].older = node->older;
  else table->newest = node->older;
}

static inline void link_newest(struct table *table, uint32_t index) {
  struct node *node = &table->nodes[index];
  node->older = table->newest;
  node->newer = NONE;
  if (table->newest != NONE) table->nodes[table->newest].newer = index;
  else table->oldest = index;
  table->newest = index;
}

// Uses a key; its node, or NULL when it is not there or expired.
static inline struct node *touch(struct table *table, const unsigned char *key, int64_t now) {
  uint32_t index = find(table, key, hash_of(key));
  if (index == NONE) return NULL;
  struct node *node = &table->nodes[index];
  if (now > node->last_use + table->time_to_live) return NULL;
  node->last_use = now;
  if (table->newest != index) {
    unlink_node(table, index);
    link_newest(table, index);
  }
  return node;
}

// Takes the bucket of a node out and closes the gap behind it.
static inline void drop_bucket(struct table *table, uint32_t index) {
  uint32_t at = hash_of(table->nodes[index].key) & table->mask;
  while (table->buckets[at].node != index) at = (at + 1) & table->mask;
  for (uint32_t next = at;;) {
    next = (next + 1) & table->mask;
    if (table->buckets[next].node == NONE) break;
    uint32_t home = table->buckets[next].hash & table->mask;
    if (((next - home) & table->mask) < ((next - at) & table->mask)) continue;
    table->buckets[at] = table->buckets[next];
    at = next;
  }
  table->buckets[at].node = NONE;
}

// Puts a new key in. Removes what has expired, and the least recently used when the table is full.
// Returns how many left; the last of them is copied to `removed`.
static inline uint32_t insert(struct table *table, const unsigned char *key, uint64_t value,
                              int64_t now, unsigned char *removed) {
  uint32_t hash = hash_of(key), index = find(table, key, hash), left = 0;
  if (index != NONE) {
    table->nodes[index].value = value;
    touch(table, key, now);
    return 0;
  }
  index = table->count;
  if (table->count == table->limit) {
    index = table->oldest;
    memcpy(removed, table->nodes[index].key, KEY_BYTES);
    unlink_node(table, index);
    drop_bucket(table, index);
    left = 1;
  } else {
    table->count++;
  }
  struct node *node = &table->nodes[index];
  memcpy(node->key, key, KEY_BYTES);
  node->value = value;
  node->last_use = now;
  link_newest(table, index);
  uint32_t at = hash & table->mask;
  while (table->buckets[at].node != NONE) at = (at + 1) & table->mask;
  table->buckets[at] = (struct bucket){hash, index};
  return left;
}
