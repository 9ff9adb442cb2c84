// Floor of MySQLKit's streams, on libmariadb: reads a table row by row, unbuffered, each value into
// memory of its own kind.
//
//   rows ROWS
#include "mysql.h"

static uint64_t sum, bytes;

static void read_rows(struct statement *statement, uint64_t expected) {
  static long long number;
  static double value;
  static MYSQL_TIME at;
  statement->out[0].buffer_type = MYSQL_TYPE_LONGLONG;
  statement->out[0].buffer = &number;
  statement->out[2].buffer_type = MYSQL_TYPE_DATETIME;
  statement->out[2].buffer = &at;
  statement->out[3].buffer_type = MYSQL_TYPE_DOUBLE;
  statement->out[3].buffer = &value;
  check_statement(statement, mysql_stmt_execute(statement->handle));
  check_statement(statement, mysql_stmt_bind_result(statement->handle, statement->out));
  uint64_t rows = 0;
  int status;
  while ((status = mysql_stmt_fetch(statement->handle)) == 0) {
    rows++;
    sum += (uint64_t)number;
    if (!statement->nulls[1]) bytes += statement->lengths[1];
  }
  if (status != MYSQL_NO_DATA) fail("fetch", mysql_stmt_error(statement->handle));
  if (rows != expected) fail("rows", "not as many as there should be");
  mysql_stmt_free_result(statement->handle);
}

int main(int argc, char **argv) {
  if (argc != 2) fail("usage", "see the head of rows.c");
  uint64_t rows = (uint64_t)atoll(argv[1]);
  mysql_library_init(0, NULL, NULL);
  struct statement *statement =
      prepare(connect_to_mysql(), "SELECT id, name, at, value FROM bench_row");
  long before = resident_bytes();
  read_rows(statement, rows);
  char figures[64];
  snprintf(figures, sizeof figures, "kB-above-start=%ld", (resident_bytes() - before) / 1024);
  say_ready(figures);
  while (next_round()) {
    uint64_t start = wall_ns();
    read_rows(statement, rows);
    say_round(rows, wall_ns() - start, NULL);
  }
  return sum == 0 && bytes == 0;
}
