// Floor of the session table: `table touch|insert COUNT OPERATIONS`, for ids of KEY_BYTES bytes.
#include "lru.h"

static void make_key(unsigned char *key, uint64_t *state) {
  uint64_t words[2] = {next_random(state), next_random(state)};
#if KEY_BYTES == 36
  static const char hex[] = "0123456789abcdef";
  const unsigned char *bytes = (const unsigned char *)words;
  for (int i = 0, at = 0; i < 16; i++) {
    if (i == 4 || i == 6 || i == 8 || i == 10) key[at++] = '-';
    key[at++] = (unsigned char)hex[bytes[i] >> 4];
    key[at++] = (unsigned char)hex[bytes[i] & 15];
  }
#else
  memcpy(key, words, 16);
#endif
}

int main(int argc, char **argv) {
  if (argc != 4) fail("usage", "table touch|insert COUNT OPERATIONS");
  int inserts = strcmp(argv[1], "insert") == 0;
  uint32_t count = (uint32_t)atol(argv[2]);
  uint64_t operations = (uint64_t)atoll(argv[3]);
  uint32_t key_count = inserts ? count * 2 : count;
  unsigned char *keys = checked(malloc((size_t)key_count * KEY_BYTES));
  uint32_t *order = checked(malloc((size_t)key_count * sizeof *order));
  uint64_t seed = 7;
  for (uint32_t i = 0; i < key_count; i++) {
    make_key(keys + (size_t)i * KEY_BYTES, &seed);
    order[i] = i;
  }
  for (uint32_t i = key_count - 1; i > 0 && !inserts; i--) {
    uint32_t other = (uint32_t)(next_random(&seed) % (i + 1)), held = order[i];
    order[i] = order[other];
    order[other] = held;
  }
  long before = resident_bytes();
  struct table table;
  unsigned char removed[KEY_BYTES];
  int64_t now = 1795390000000;
  table_init(&table, count, 3600000);
  for (uint32_t i = 0; i < count; i++) insert(&table, keys + (size_t)i * KEY_BYTES, 0, now, removed);
  char figures[64];
  snprintf(figures, sizeof figures, "bytes=%ld", (resident_bytes() - before) / (long)count);
  say_ready(figures);

  uint32_t at = inserts ? count : 0;
  uint64_t sink = 0;
  while (next_round()) {
    uint64_t start = cpu_ns();
    for (uint64_t i = 0; i < operations; i++) {
      const unsigned char *key = keys + (size_t)order[at] * KEY_BYTES;
      if (++at == key_count) at = 0;
      if ((i & 1023) == 0) now++;
      if (inserts) {
        if (insert(&table, key, i, now, removed) != 1) fail("insert", "nothing had to leave");
        sink += removed[0];
      } else {
        struct node *node = touch(&table, key, now);
        if (!node) fail("touch", "not there");
        sink += ++node->value;
      }
    }
    uint64_t ns = cpu_ns() - start;
    if (sink == 1) fputc(' ', stderr);
    say_round(operations, ns, NULL);
  }
  return 0;
}
