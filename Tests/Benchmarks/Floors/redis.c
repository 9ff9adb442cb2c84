// Floors of RedisKit, on hiredis: one connection, commands pipelined to a depth.
//
//   redis get DEPTH OPERATIONS
//       GET of one key of 16 bytes.
//   redis replay append|turn DEPTH PROGRAM ARGUMENT…
//       runs `PROGRAM ARGUMENT…` for one round while MONITOR listens, and from then on sends the
//       script calls that it sent, to the letter. Of a window that comes back, role and text of
//       each message are read.
#include "recording.h"

static void run_get(redisContext *redis, uint64_t depth, uint64_t operations) {
  freeReplyObject(
      checked_reply(redis, redisCommand(redis, "SET bench:floor:get 0123456789abcdef")));
  say_ready("");
  struct latencies all = {0};
  while (next_round()) {
    uint64_t start = wall_ns(), sink = 0;
    for (uint64_t done = 0; done < operations; done += depth) {
      uint64_t batch = wall_ns();
      for (uint64_t i = 0; i < depth; i++) redisAppendCommand(redis, "GET bench:floor:get");
      for (uint64_t i = 0; i < depth; i++) {
        redisReply *reply = next_reply(redis);
        sink += reply->len;
        freeReplyObject(reply);
      }
      record(&all, wall_ns() - batch);
    }
    uint64_t ns = wall_ns() - start;
    if (sink < operations * 16) fail("get", "not the value");
    say_round((operations + depth - 1) / depth * depth, ns, &all);
  }
}

static void run_replay(redisContext *redis, int turns, size_t depth, char **program) {
  size_t count;
  struct command *commands = record_commands(redis, program, &count);
  char *scratch = checked(malloc(1 << 20));
  char figures[64];
  snprintf(figures, sizeof figures, "calls=%zu", count);
  say_ready(figures);
  struct latencies all = {0};
  while (next_round()) {
    freeReplyObject(checked_reply(redis, redisCommand(redis, "FLUSHDB")));
    uint64_t start = wall_ns(), sink = 0;
    for (size_t done = 0; done < count;) {
      size_t end = done + depth < count ? done + depth : count;
      uint64_t batch = wall_ns();
      for (size_t i = done; i < end; i++)
        redisAppendCommandArgv(redis, commands[i].count, commands[i].arguments,
                               commands[i].lengths);
      for (; done < end; done++) {
        redisReply *reply = next_reply(redis);
        sink += reply->elements ? read_messages(reply, scratch) : 1;
        freeReplyObject(reply);
      }
      record(&all, wall_ns() - batch);
    }
    uint64_t ns = wall_ns() - start;
    if (sink == 1) fputc(' ', stderr);
    say_round(turns ? count / 2 : count, ns, &all);
  }
}

int main(int argc, char **argv) {
  redisContext *redis = connect_to_redis();
  if (argc == 4 && strcmp(argv[1], "get") == 0)
    run_get(redis, (uint64_t)atoll(argv[2]), (uint64_t)atoll(argv[3]));
  else if (argc > 5 && strcmp(argv[1], "replay") == 0)
    run_replay(redis, strcmp(argv[2], "turn") == 0, (size_t)atol(argv[3]), argv + 4);
  else
    fail("usage", "redis get DEPTH OPERATIONS, or redis replay append|turn DEPTH PROGRAM ARGUMENT…");
  redisFree(redis);
  return 0;
}
