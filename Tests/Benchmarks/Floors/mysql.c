// Floors of MySQLKit, on libmariadb. The tables are those that MySQLArchive makes.
//
//   mysql append CONNECTIONS OPERATIONS        single-row inserts into Step, each its own commit
//   mysql thread-append CONNECTIONS OPERATIONS   the same in a transaction that also locks the thread,
//                                              finds its last step and moves its last activity
//   mysql newest CONNECTIONS OPERATIONS THREAD the newest 50 messages of a thread
//   mysql newest-same CONNECTIONS OPERATIONS THREAD USER   by the statement of MySQLArchive, which
//                                              checks the owner and reads one column more
//   mysql page OPERATIONS USER                 20 threads of a user, in one statement
//   mysql original-page OPERATIONS USER        the same, as the statement of Chainlit's data layer
#include <pthread.h>

#include "mysql.h"

struct lane {
  pthread_t thread;
  MYSQL *mysql;
  struct statement *statement, *lock, *last, *touch;
  uint64_t operations, seed;
  char thread_id[37], step_id[37], count_text[24];
  uint64_t touches;
  struct latencies all;
};

static void make_id(char *text, uint64_t *seed) {
  // The form of a UUID of version 7: ids made one after another stay together in an index.
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  uint64_t ms = (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
  uint64_t low = next_random(seed), high = next_random(seed);
  snprintf(text, 37, "%08llx-%04llx-7%03llx-8%03llx-%012llx", (unsigned long long)(ms >> 16),
           (unsigned long long)(ms & 0xFFFF), (unsigned long long)(high & 0xFFF),
           (unsigned long long)(high >> 12 & 0xFFF), (unsigned long long)(low & 0xFFFFFFFFFFFFu));
}

static void prepare_append(struct lane *lane) {
  static char text[201];
  static const char *const time = "2026-11-25 08:00:00.123000";
  memset(text, 'a', 200);
  char sql[512];
  make_id(lane->thread_id, &lane->seed);
  snprintf(sql, sizeof sql,
           "INSERT IGNORE INTO `User` (id, identifier, metadata) VALUES "
           "('00000000-0000-4000-8000-00000000f100', 'bench-floor', '{}')");
  run_sql(lane->mysql, sql);
  snprintf(sql, sizeof sql,
           "INSERT INTO Thread (id, name, userId, userIdentifier, metadata) SELECT '%s', 'floor', id, "
           "identifier, '{}' FROM `User` WHERE identifier = 'bench-floor'",
           lane->thread_id);
  run_sql(lane->mysql, sql);
  lane->statement = prepare(
      lane->mysql, "INSERT INTO Step (id, threadId, name, type, output, metadata, tags, generation, "
                   "feedback, createdAt, startTime, endTime, isError) VALUES "
                   "(?, ?, ?, 'user_message', ?, '{}', '{}', '{}', '{}', ?, ?, ?, 0)");
  bind_text(lane->statement, 0, lane->step_id, 36);
  bind_text(lane->statement, 1, lane->thread_id, 36);
  bind_text(lane->statement, 2, "bench-floor", 11);
  bind_text(lane->statement, 3, text, 200);
  for (unsigned i = 4; i < 7; i++) bind_text(lane->statement, i, time, 26);
}

static void prepare_thread(struct lane *lane) {
  static const char *const time = "2026-11-25 08:00:00.123000";
  run_sql(lane->mysql, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
  lane->lock = prepare(lane->mysql, "SELECT name, userIdentifier, lastActivity FROM Thread WHERE id = ? "
                                    "FOR UPDATE");
  lane->last = prepare(lane->mysql, "SELECT id, createdAt, type, rewound FROM Step WHERE threadId = ? "
                                    "ORDER BY position DESC LIMIT 1");
  lane->touch = prepare(lane->mysql, "UPDATE Thread SET updatedAt = ? + INTERVAL ? MICROSECOND WHERE id = ?");
  bind_text(lane->lock, 0, lane->thread_id, 36);
  bind_text(lane->last, 0, lane->thread_id, 36);
  bind_text(lane->touch, 0, time, 26);
  bind_text(lane->touch, 1, lane->count_text, 0);
  bind_text(lane->touch, 2, lane->thread_id, 36);
}

static void *run_thread_append(void *argument) {
  struct lane *lane = argument;
  for (uint64_t i = 0; i < lane->operations; i++) {
    uint64_t start = wall_ns();
    make_id(lane->step_id, &lane->seed);
    lane->touch->in[1].buffer_length = (unsigned long)snprintf(
        lane->count_text, sizeof lane->count_text, "%llu", (unsigned long long)++lane->touches);
    run_sql(lane->mysql, "START TRANSACTION");
    if (run_statement(lane->lock) != 1) fail("append", "no thread");
    run_statement(lane->last);
    run_statement(lane->touch);
    run_statement(lane->statement);
    run_sql(lane->mysql, "COMMIT");
    record(&lane->all, wall_ns() - start);
  }
  return NULL;
}

static void *run_append(void *argument) {
  struct lane *lane = argument;
  for (uint64_t i = 0; i < lane->operations; i++) {
    uint64_t start = wall_ns();
    make_id(lane->step_id, &lane->seed);
    run_statement(lane->statement);
    record(&lane->all, wall_ns() - start);
  }
  return NULL;
}

static void *run_newest(void *argument) {
  struct lane *lane = argument;
  for (uint64_t i = 0; i < lane->operations; i++) {
    uint64_t start = wall_ns();
    if (run_statement(lane->statement) != 50) fail("newest", "not 50 rows");
    record(&lane->all, wall_ns() - start);
  }
  return NULL;
}

static void *run_page(void *argument) {
  struct lane *lane = argument;
  for (uint64_t i = 0; i < lane->operations; i++) {
    uint64_t start = wall_ns();
    if (run_statement(lane->statement) < 20) fail("page", "fewer than 20 rows");
    record(&lane->all, wall_ns() - start);
  }
  return NULL;
}

// Runs rounds on all lanes at once; each has a thread and a connection of its own.
static void run_rounds(struct lane *lanes, unsigned count, uint64_t operations,
                       void *(*body)(void *)) {
  say_ready("");
  struct latencies all = {0};
  while (next_round()) {
    uint64_t start = wall_ns();
    for (unsigned i = 0; i < count; i++) {
      lanes[i].operations = operations / count;
      if (pthread_create(&lanes[i].thread, NULL, body, &lanes[i])) fail("thread", "none left");
    }
    for (unsigned i = 0; i < count; i++) pthread_join(lanes[i].thread, NULL);
    uint64_t ns = wall_ns() - start;
    for (unsigned i = 0; i < count; i++) {
      for (size_t j = 0; j < lanes[i].all.count; j++) record(&all, lanes[i].all.ns[j]);
      lanes[i].all.count = 0;
    }
    say_round(operations / count * count, ns, &all);
  }
}

static void prepare_newest(struct lane *lane, const char *thread) {
  lane->statement = prepare(
      lane->mysql, "SELECT id, type, output, createdAt, metadata, generation FROM Step WHERE threadId "
                   "= ? AND type IN ('user_message', 'assistant_message', 'system_message', 'tool') "
                   "ORDER BY position DESC LIMIT 50");
  bind_text(lane->statement, 0, thread, strlen(thread));
}

static void prepare_newest_same(struct lane *lane, const char *thread, const char *user) {
  static long long limit = 50;
  lane->statement = prepare(
      lane->mysql,
      "SELECT s.id, s.type, s.output, s.createdAt, s.startTime, s.metadata, s.generation FROM Step s "
      "JOIN Thread t ON t.id = s.threadId WHERE s.threadId = ? AND (t.userIdentifier = ? OR "
      "(t.userIdentifier IS NULL AND t.userId = (SELECT u.id FROM `User` u WHERE u.identifier = ?))) "
      "AND s.type IN ('user_message','assistant_message','system_message','tool') AND s.rewound = 0 "
      "ORDER BY s.position DESC LIMIT ?");
  bind_text(lane->statement, 0, thread, strlen(thread));
  bind_text(lane->statement, 1, user, strlen(user));
  bind_text(lane->statement, 2, user, strlen(user));
  lane->statement->in[3].buffer_type = MYSQL_TYPE_LONGLONG;
  lane->statement->in[3].buffer = &limit;
}

static void prepare_page(struct lane *lane, const char *user, int original) {
  lane->statement = prepare(
      lane->mysql,
      original
          ? "SELECT t.*, u.identifier AS user_identifier, (SELECT COUNT(*) FROM Thread WHERE userId = "
            "t.userId) AS total FROM Thread t LEFT JOIN `User` u ON t.userId = u.id WHERE t.userId = "
            "(SELECT id FROM `User` WHERE identifier = ?) ORDER BY t.updatedAt DESC LIMIT 21"
          : "SELECT t.id, t.name, t.createdAt, t.lastActivity, (SELECT COUNT(*) FROM Step s WHERE "
            "s.threadId = t.id AND s.type IN ('user_message', 'assistant_message', 'system_message', "
            "'tool')) FROM Thread t WHERE t.userIdentifier = ? ORDER BY t.lastActivity DESC, t.id DESC "
            "LIMIT 21");
  bind_text(lane->statement, 0, user, strlen(user));
}

int main(int argc, char **argv) {
  if (argc < 4) fail("usage", "see the head of mysql.c");
  const char *what = argv[1];
  int pages = strstr(what, "page") != NULL;
  unsigned count = pages ? 1 : (unsigned)atoi(argv[2]);
  uint64_t operations = (uint64_t)atoll(argv[pages ? 2 : 3]);
  struct lane *lanes = checked(calloc(count, sizeof *lanes));
  mysql_library_init(0, NULL, NULL);
  for (unsigned i = 0; i < count; i++) {
    lanes[i].mysql = connect_to_mysql();
    lanes[i].seed = wall_ns() + i;
    if (pages) prepare_page(&lanes[i], argv[3], strcmp(what, "page") != 0);
    else if (strstr(what, "append")) prepare_append(&lanes[i]);
    else if (strcmp(what, "newest") == 0 && argc == 5) prepare_newest(&lanes[i], argv[4]);
    else if (strcmp(what, "newest-same") == 0 && argc == 6)
      prepare_newest_same(&lanes[i], argv[4], argv[5]);
    else fail("usage", "see the head of mysql.c");
    if (strcmp(what, "thread-append") == 0) prepare_thread(&lanes[i]);
  }
  run_rounds(lanes, count, operations,
             pages                             ? run_page
             : strcmp(what, "append") == 0      ? run_append
             : strcmp(what, "thread-append") == 0 ? run_thread_append
                                                : run_newest);
  return 0;
}
