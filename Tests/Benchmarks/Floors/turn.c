// Floors of a whole turn on both tiers, with a model that answers at once.
//
//   turn least LANES PROGRAM ARGUMENT…
//       the least a turn can be: a durable insert and a script call for the question, and the same
//       for the answer. The script calls are those of `PROGRAM ARGUMENT…`, recorded.
//   turn original LANES TURNS
//       what the original application sends for a turn: five steps written or rewritten, each its own
//       commit and each behind a look at its thread and its parent, as Chainlit's data layer does,
//       and five commands to Redis. Its language and drivers cost come on top of that.
//
// A lane is a thread with a connection to each server.
#include <pthread.h>

#include "mysql.h"
#include "recording.h"

struct lane {
  pthread_t thread;
  MYSQL *mysql;
  redisContext *redis;
  struct statement *insert, *find_thread, *find_step, *upsert;
  struct command **commands;
  size_t command_count;
  uint64_t turns, seed;
  char thread_id[37], step_id[37], run_id[37], answer_id[37];
  char *scratch;
  struct latencies all;
};

static const char *const time_text = "2026-11-25 08:00:00.123000";
static char text[201];

static void make_id(char *id, uint64_t *seed) {
  uint64_t a = next_random(seed), b = next_random(seed);
  snprintf(id, 37, "%08x-%04x-4%03x-8%03x-%012llx", (unsigned)(a >> 32), (unsigned)(a >> 16 & 0xFFFF),
           (unsigned)(a & 0xFFF), (unsigned)(b >> 52), (unsigned long long)(b & 0xFFFFFFFFFFFFu));
}

static void prepare_lane(struct lane *lane, uint64_t seed) {
  char sql[512];
  lane->mysql = connect_to_mysql();
  lane->redis = connect_to_redis();
  lane->seed = seed;
  lane->scratch = checked(malloc(1 << 20));
  make_id(lane->thread_id, &lane->seed);
  run_sql(lane->mysql, "INSERT IGNORE INTO `User` (id, identifier, metadata) VALUES "
                       "('00000000-0000-4000-8000-00000000f101', 'bench-turn', '{}')");
  snprintf(sql, sizeof sql,
           "INSERT INTO Thread (id, name, userId, userIdentifier, metadata) SELECT '%s', 'turn', id, "
           "identifier, '{}' FROM `User` WHERE identifier = 'bench-turn'",
           lane->thread_id);
  run_sql(lane->mysql, sql);
  lane->insert = prepare(
      lane->mysql, "INSERT INTO Step (id, threadId, name, type, output, metadata, tags, generation, "
                   "feedback, createdAt, startTime, endTime, isError) VALUES "
                   "(?, ?, 'bench-turn', 'user_message', ?, '{}', '{}', '{}', '{}', ?, ?, ?, 0)");
  bind_text(lane->insert, 0, lane->step_id, 36);
  bind_text(lane->insert, 1, lane->thread_id, 36);
  bind_text(lane->insert, 2, text, 200);
  for (unsigned i = 3; i < 6; i++) bind_text(lane->insert, i, time_text, 26);
  lane->find_thread = prepare(lane->mysql, "SELECT id FROM Thread WHERE id = ?");
  bind_text(lane->find_thread, 0, lane->thread_id, 36);
  lane->find_step = prepare(lane->mysql, "SELECT id FROM Step WHERE id = ?");
  lane->upsert = prepare(
      lane->mysql,
      "INSERT INTO Step (id, threadId, parentId, name, type, output, metadata, createdAt, startTime, "
      "endTime, isError) VALUES (?, ?, ?, 'name', ?, ?, '{}', ?, ?, ?, 0) ON DUPLICATE KEY UPDATE "
      "parentId = COALESCE(VALUES(parentId), parentId), output = COALESCE(VALUES(output), output), "
      "endTime = COALESCE(VALUES(endTime), endTime), startTime = LEAST(VALUES(startTime), startTime)");
  bind_text(lane->upsert, 1, lane->thread_id, 36);
  bind_text(lane->upsert, 4, text, 200);
  for (unsigned i = 5; i < 8; i++) bind_text(lane->upsert, i, time_text, 26);
}

static void send_script(struct lane *lane, struct command *command) {
  redisAppendCommandArgv(lane->redis, command->count, command->arguments, command->lengths);
  redisReply *reply = next_reply(lane->redis);
  if (reply->elements) read_messages(reply, lane->scratch);
  freeReplyObject(reply);
}

static void *run_least(void *argument) {
  struct lane *lane = argument;
  for (size_t i = 0; i + 1 < lane->command_count; i += 2) {
    uint64_t start = wall_ns();
    for (size_t half = 0; half < 2; half++) {
      make_id(lane->step_id, &lane->seed);
      run_statement(lane->insert);
      send_script(lane, lane->commands[i + half]);
    }
    record(&lane->all, wall_ns() - start);
  }
  return NULL;
}

static void write_step(struct lane *lane, const char *id, const char *parent, const char *type) {
  if (run_statement(lane->find_thread) != 1) fail("thread", "not there");
  if (parent) {
    bind_text(lane->find_step, 0, parent, 36);
    run_statement(lane->find_step);
  }
  bind_text(lane->upsert, 0, id, 36);
  lane->upsert->in[2] = (MYSQL_BIND){.buffer_type = MYSQL_TYPE_NULL};
  if (parent) bind_text(lane->upsert, 2, parent, 36);
  bind_text(lane->upsert, 3, type, strlen(type));
  run_statement(lane->upsert);
}

static void command(struct lane *lane, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  freeReplyObject(checked_reply(lane->redis, redisvCommand(lane->redis, format, arguments)));
  va_end(arguments);
}

static void *run_original(void *argument) {
  struct lane *lane = argument;
  for (uint64_t i = 0; i < lane->turns; i++) {
    uint64_t start = wall_ns();
    make_id(lane->step_id, &lane->seed);
    make_id(lane->run_id, &lane->seed);
    make_id(lane->answer_id, &lane->seed);
    write_step(lane, lane->step_id, NULL, "user_message");
    write_step(lane, lane->run_id, lane->step_id, "run");
    command(lane, "RPUSH chat_history:%s %s", lane->thread_id, text);
    command(lane, "EXPIRE chat_history:%s 3600", lane->thread_id);
    command(lane, "LRANGE chat_history:%s -20 -1", lane->thread_id);
    write_step(lane, lane->answer_id, lane->run_id, "assistant_message");
    write_step(lane, lane->answer_id, lane->run_id, "assistant_message");
    command(lane, "RPUSH chat_history:%s %s", lane->thread_id, text);
    command(lane, "EXPIRE chat_history:%s 3600", lane->thread_id);
    write_step(lane, lane->run_id, lane->step_id, "run");
    record(&lane->all, wall_ns() - start);
  }
  return NULL;
}

// Gives each session's calls, in their order, to one lane.
static void share_out(struct command *commands, size_t count, struct lane *lanes, unsigned lane_count) {
  const char **keys = checked(malloc(count * sizeof *keys));
  size_t key_count = 0;
  for (size_t i = 0; i < count; i++) {
    // EVALSHA, digest, number of keys, and the first of them.
    const char *key = commands[i].count > 3 ? commands[i].arguments[3] : "";
    size_t number = 0;
    while (number < key_count && strcmp(keys[number], key) != 0) number++;
    if (number == key_count) keys[key_count++] = key;
    struct lane *lane = &lanes[number % lane_count];
    if (!lane->commands) lane->commands = checked(malloc(count * sizeof *lane->commands));
    lane->commands[lane->command_count++] = &commands[i];
  }
  free(keys);
}

int main(int argc, char **argv) {
  int least = argc > 4 && strcmp(argv[1], "least") == 0;
  if (!least && (argc != 4 || strcmp(argv[1], "original") != 0))
    fail("usage", "turn least LANES PROGRAM ARGUMENT…, or turn original LANES TURNS");
  memset(text, 'a', 200);
  unsigned count = (unsigned)atoi(argv[2]);
  struct lane *lanes = checked(calloc(count, sizeof *lanes));
  mysql_library_init(0, NULL, NULL);
  for (unsigned i = 0; i < count; i++) prepare_lane(&lanes[i], wall_ns() + i);
  uint64_t turns = 0;
  if (least) {
    size_t commands;
    share_out(record_commands(lanes[0].redis, argv + 3, &commands), commands, lanes, count);
    turns = commands / 2;
  } else {
    for (unsigned i = 0; i < count; i++) turns += lanes[i].turns = (uint64_t)atoll(argv[3]) / count;
  }
  say_ready("");
  struct latencies all = {0};
  while (next_round()) {
    freeReplyObject(checked_reply(lanes[0].redis, redisCommand(lanes[0].redis, "FLUSHDB")));
    uint64_t start = wall_ns();
    for (unsigned i = 0; i < count; i++)
      if (pthread_create(&lanes[i].thread, NULL, least ? run_least : run_original, &lanes[i]))
        fail("thread", "none left");
    for (unsigned i = 0; i < count; i++) pthread_join(lanes[i].thread, NULL);
    uint64_t ns = wall_ns() - start;
    for (unsigned i = 0; i < count; i++) {
      for (size_t j = 0; j < lanes[i].all.count; j++) record(&all, lanes[i].all.ns[j]);
      lanes[i].all.count = 0;
    }
    say_round(turns, ns, &all);
  }
  return 0;
}
