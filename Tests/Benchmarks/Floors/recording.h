// A connection to Redis, and the script calls that a program makes, recorded so that a floor can
// send them again to the letter.
#pragma once

#include <ctype.h>
#include <hiredis/hiredis.h>
#include <sys/wait.h>
#include <unistd.h>

#include "floor.h"
#include "url.h"

enum { ARGUMENTS_MAX = 512 };

struct command {
  int count;
  const char **arguments;
  size_t *lengths;
};

static inline redisReply *checked_reply(redisContext *redis, void *reply) {
  if (!reply) fail("redis", redis->errstr);
  if (((redisReply *)reply)->type == REDIS_REPLY_ERROR) fail("redis", ((redisReply *)reply)->str);
  return reply;
}

static inline redisContext *connect_to_redis(void) {
  struct url url = read_url("REDIS_URL");
  redisContext *redis = redisConnect(url.host, url.port);
  if (!redis || redis->err) fail("connect", redis ? redis->errstr : "no memory");
  freeReplyObject(checked_reply(redis, redisCommand(redis, "AUTH %s", url.password)));
  return redis;
}

static inline redisReply *next_reply(redisContext *redis) {
  void *reply;
  if (redisGetReply(redis, &reply) != REDIS_OK) fail("reply", redis->errstr);
  return checked_reply(redis, reply);
}

static inline int hex_digit(char digit) {
  return isdigit((unsigned char)digit) ? digit - '0' : tolower(digit) - 'a' + 10;
}

// Reads one quoted argument of a MONITOR line; returns what stands behind it, NULL at the end.
static inline const char *read_argument(const char *at, struct command *command) {
  while (*at == ' ') at++;
  if (*at != '"') return NULL;
  char *argument = checked(malloc(strlen(at)));
  size_t length = 0;
  for (at++; *at != '"'; at++) {
    if (*at != '\\') {
      argument[length++] = *at;
    } else if (*++at == 'x') {
      argument[length++] = (char)(hex_digit(at[1]) << 4 | hex_digit(at[2]));
      at += 2;
    } else {
      static const char names[] = "nrtab", values[] = "\n\r\t\a\b";
      const char *name = strchr(names, *at);
      argument[length++] = name ? values[name - names] : *at;
    }
  }
  command->arguments[command->count] = argument;
  command->lengths[command->count++] = length;
  return at + 1;
}

// A command of a MONITOR line: `1700000000.123456 [0 127.0.0.1:1234] "GET" "key"`.
static inline struct command read_command(const char *line) {
  struct command command = {0};
  const char *at = strchr(line, ']');
  if (!at) fail("MONITOR", line);
  command.arguments = checked(malloc(ARGUMENTS_MAX * sizeof *command.arguments));
  command.lengths = checked(malloc(ARGUMENTS_MAX * sizeof *command.lengths));
  for (at++; at && command.count < ARGUMENTS_MAX;) at = read_argument(at, &command);
  return command;
}

static inline void run_one_round(char **program) {
  int input[2];
  if (pipe(input) != 0) fail("pipe", "none");
  pid_t child = fork();
  if (child < 0) fail("fork", "none");
  if (child == 0) {
    dup2(input[0], 0);
    if (!freopen("/dev/null", "w", stdout)) _exit(127);
    close(input[0]);
    close(input[1]);
    execv(program[0], program);
    _exit(127);
  }
  close(input[0]);
  if (write(input[1], "go\n", 3) != 3) fail("write", program[0]);
  close(input[1]);
  int status;
  waitpid(child, &status, 0);
  if (status != 0) fail(program[0], "the round to be recorded failed");
}

static inline struct command *record_commands(redisContext *redis, char **program, size_t *count) {
  // Once unobserved, so that the server knows the scripts and every call names one by its digest.
  run_one_round(program);
  redisContext *monitor = connect_to_redis();
  freeReplyObject(checked_reply(monitor, redisCommand(monitor, "MONITOR")));
  run_one_round(program);
  freeReplyObject(checked_reply(redis, redisCommand(redis, "ECHO bench:end-of-recording")));
  struct command *commands = NULL;
  size_t capacity = 0;
  for (*count = 0;;) {
    redisReply *reply = next_reply(monitor);
    if (strstr(reply->str, "bench:end-of-recording")) break;
    int is_script = strstr(reply->str, "] \"EVALSHA\"") != NULL;
    if (is_script || strcasestr(reply->str, "] \"FCALL\"")) {
      if (*count == capacity) {
        capacity = capacity ? capacity * 2 : 1024;
        commands = checked(realloc(commands, capacity * sizeof *commands));
      }
      commands[(*count)++] = read_command(reply->str);
    }
    freeReplyObject(reply);
  }
  redisFree(monitor);
  if (!*count) fail("recording", "no script call was seen");
  return commands;
}

// Reads the text of a JSON string member, as a program that is to show it has to.
static inline size_t read_member(const char *json, const char *name, char *out) {
  const char *at = strstr(json, name);
  if (!at) return 0;
  char *end = out;
  for (at += strlen(name); *at && *at != '"'; at++) {
    if (*at == '\\') at++;
    *end++ = *at;
  }
  return (size_t)(end - out);
}

static inline size_t read_messages(const redisReply *reply, char *scratch) {
  size_t size = 0;
  for (size_t i = 0; i < reply->elements; i++) size += read_messages(reply->element[i], scratch);
  if (reply->type == REDIS_REPLY_STRING && reply->str[0] == '{') {
    size += read_member(reply->str, "\"role\":\"", scratch);
    size += read_member(reply->str, "\"content\":\"", scratch);
  }
  return size;
}
