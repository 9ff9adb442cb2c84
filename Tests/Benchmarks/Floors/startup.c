// How long programs take to be of use.
//
//   startup prompt COUNT PROGRAM ARGUMENT…   PROGRAM on a terminal, up to its first prompt `> `
//   startup clients COUNT                    `redis-cli ping`, then `mariadb -e 'select 1'`
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "floor.h"
#include "url.h"

enum { PATIENCE_MS = 20000 };

static long status_kib(pid_t pid, const char *name) {
  char path[64], line[256];
  long kib = 0;
  snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
  FILE *file = fopen(path, "r");
  if (!file) return 0;
  while (fgets(line, sizeof line, file))
    if (strncmp(line, name, strlen(name)) == 0) kib = atol(line + strlen(name) + 1);
  fclose(file);
  return kib;
}

// Starts a program on a terminal, waits for its prompt, and lets it end. Returns the time to the
// prompt.
static uint64_t time_to_prompt(char **program, long *peak_kib) {
  int terminal;
  uint64_t start = wall_ns();
  pid_t pid = forkpty(&terminal, NULL, NULL, NULL);
  if (pid < 0) fail("forkpty", "none left");
  if (pid == 0) {
    setenv("TERM", "xterm", 1);
    execv(program[0], program);
    _exit(127);
  }
  char text[65536];
  size_t length = 0;
  uint64_t ns = 0;
  while (!ns) {
    struct pollfd wait = {.fd = terminal, .events = POLLIN};
    if (poll(&wait, 1, PATIENCE_MS) <= 0) fail(program[0], "no prompt came");
    ssize_t got = read(terminal, text + length, sizeof text - length - 1);
    if (got <= 0) fail(program[0], length ? text : "ended before its prompt");
    length += (size_t)got;
    text[length] = 0;
    if (strstr(text, "> ")) ns = wall_ns() - start;
  }
  *peak_kib = status_kib(pid, "VmHWM:");
  // Ctrl-D ends the chat; what is still printed has to be read for the program to get that far.
  if (write(terminal, "\004", 1) != 1) fail(program[0], "its terminal is gone");
  while (read(terminal, text, sizeof text) > 0) {
  }
  int status;
  waitpid(pid, &status, 0);
  close(terminal);
  return ns;
}

static void run_quietly(char *const *program) {
  pid_t pid = fork();
  if (pid == 0) {
    int nothing = open("/dev/null", O_RDWR);
    dup2(nothing, 0);
    dup2(nothing, 1);
    execvp(program[0], program);
    _exit(127);
  }
  int status;
  waitpid(pid, &status, 0);
  if (status != 0) fail(program[0], "failed");
}

static uint64_t time_clients(void) {
  struct url redis = read_url("REDIS_URL"), mysql = read_url("DATABASE_URL");
  char redis_port[16], mysql_port[16];
  snprintf(redis_port, sizeof redis_port, "%d", redis.port);
  snprintf(mysql_port, sizeof mysql_port, "%d", mysql.port);
  setenv("REDISCLI_AUTH", redis.password, 1);
  setenv("MYSQL_PWD", mysql.password, 1);
  char *const ping[] = {"redis-cli", "-h", redis.host, "-p", redis_port, "ping", NULL};
  char *const query[] = {"mariadb",  "--no-defaults", "-h", mysql.host,     "-P",
                         mysql_port, "-u",            mysql.user, "-e", "select 1",
                         mysql.database, NULL};
  uint64_t start = wall_ns();
  run_quietly(ping);
  run_quietly(query);
  return wall_ns() - start;
}

int main(int argc, char **argv) {
  int prompts = argc > 3 && strcmp(argv[1], "prompt") == 0;
  if (!prompts && (argc != 3 || strcmp(argv[1], "clients") != 0))
    fail("usage", "startup prompt COUNT PROGRAM ARGUMENT…, or startup clients COUNT");
  signal(SIGPIPE, SIG_IGN);
  // History and journal of the chat belong to nobody here.
  char state[] = "/tmp/bench-state-XXXXXX";
  if (!mkdtemp(state) || chdir(state)) fail("mkdtemp", state);
  setenv("XDG_STATE_HOME", state, 1);
  long peak_kib = 0;
  char figures[64] = "";
  if (prompts) {
    time_to_prompt(argv + 3, &peak_kib);
    snprintf(figures, sizeof figures, "peak-KiB=%ld", peak_kib);
  }
  say_ready(figures);
  struct latencies all = {0};
  uint64_t count = (uint64_t)atoll(argv[2]);
  while (next_round()) {
    uint64_t total = 0;
    for (uint64_t i = 0; i < count; i++) {
      uint64_t ns = prompts ? time_to_prompt(argv + 3, &peak_kib) : time_clients();
      record(&all, ns);
      total += ns;
    }
    say_round(count, total, &all);
  }
  char command[128];
  snprintf(command, sizeof command, "rm -rf %s", state);
  return system(command) != 0;
}
