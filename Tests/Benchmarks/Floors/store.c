// Floor of the session store in memory: `store open|append SESSIONS OPERATIONS`.
//
// A mutex around the plain table; a session is a counted array of messages, handed out without a
// copy and copied only when it is written to while somebody still has it.
#define KEY_BYTES 16
#include <pthread.h>
#include <stdatomic.h>

#include "lru.h"

enum { WINDOW = 50, FILLED = 20, TEXT_BYTES = 200 };

struct message {
  unsigned char id[16];
  int role;
  int64_t at;
  const char *content;
};

struct window {
  atomic_int holders;
  uint32_t count;
  struct message messages[WINDOW];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct table table;

static struct window *open_session(const unsigned char *id, int64_t now) {
  pthread_mutex_lock(&lock);
  struct node *node = touch(&table, id, now);
  struct window *window = node ? (struct window *)node->value : NULL;
  if (window) atomic_fetch_add_explicit(&window->holders, 1, memory_order_relaxed);
  pthread_mutex_unlock(&lock);
  return window;
}

static void release(struct window *window) {
  if (atomic_fetch_sub_explicit(&window->holders, 1, memory_order_acq_rel) == 1) free(window);
}

// Adds a message that follows `tail`; the window with it, or NULL.
static struct window *append(const unsigned char *id, const unsigned char *tail,
                             struct message message, int64_t now) {
  pthread_mutex_lock(&lock);
  struct node *node = touch(&table, id, now);
  struct window *window = node ? (struct window *)node->value : NULL;
  if (window && (!window->count || !memcmp(window->messages[window->count - 1].id, tail, 16))) {
    if (atomic_load(&window->holders) > 1) {
      struct window *copy = checked(malloc(sizeof *copy));
      memcpy(copy, window, sizeof *copy);
      atomic_init(&copy->holders, 1);
      release(window);
      node->value = (uint64_t)(window = copy);
    }
    if (window->count == WINDOW)
      memmove(window->messages, window->messages + 1, --window->count * sizeof(struct message));
    window->messages[window->count++] = message;
    atomic_fetch_add_explicit(&window->holders, 1, memory_order_relaxed);
  } else {
    window = NULL;
  }
  pthread_mutex_unlock(&lock);
  return window;
}

int main(int argc, char **argv) {
  if (argc != 4) fail("usage", "store open|append SESSIONS OPERATIONS");
  int appends = strcmp(argv[1], "append") == 0;
  uint32_t sessions = (uint32_t)atol(argv[2]);
  uint64_t operations = (uint64_t)atoll(argv[3]);
  unsigned char(*ids)[16] = checked(malloc(sessions * sizeof *ids));
  unsigned char(*tails)[16] = checked(malloc(sessions * sizeof *tails));
  char content[TEXT_BYTES + 1];
  memset(content, 'a', TEXT_BYTES);
  content[TEXT_BYTES] = 0;
  uint64_t seed = 7;
  int64_t now = 1795390000000;
  unsigned char removed[16];
  struct message message = {.role = 1, .content = content};
  table_init(&table, sessions, 3600000);
  for (uint32_t i = 0; i < sessions; i++) {
    uint64_t words[2] = {next_random(&seed), next_random(&seed)};
    memcpy(ids[i], words, 16);
    struct window *window = checked(calloc(1, sizeof *window));
    atomic_init(&window->holders, 1);
    insert(&table, ids[i], (uint64_t)window, now, removed);
    for (uint32_t j = 0; j < FILLED; j++) {
      struct message next = message;
      *(uint64_t *)next.id = next_random(&seed);
      struct window *held = append(ids[i], tails[i], next, now);
      if (!held) fail("append", "stale");
      release(held);
      memcpy(tails[i], next.id, 16);
    }
  }
  say_ready("");

  uint64_t sink = 0;
  while (next_round()) {
    uint64_t start = cpu_ns();
    for (uint64_t i = 0; i < operations; i++) {
      if ((i & 1023) == 0) now++;
      uint32_t at = (uint32_t)(next_random(&seed) % sessions);
      struct window *window;
      if (appends) {
        *(uint64_t *)message.id = next_random(&seed);
        message.at = now;
        window = append(ids[at], tails[at], message, now);
        memcpy(tails[at], message.id, 16);
      } else {
        window = open_session(ids[at], now);
      }
      if (!window) fail("operation", "the session is not there");
      sink += window->count;
      release(window);
    }
    uint64_t ns = cpu_ns() - start;
    if (sink == 1) fputc(' ', stderr);
    say_round(operations, ns, NULL);
  }
  return 0;
}
