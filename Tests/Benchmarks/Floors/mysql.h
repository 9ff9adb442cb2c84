// A connection, and prepared statements with their memory.
#pragma once

#include <mariadb/mysql.h>

#include "floor.h"
#include "url.h"

enum { COLUMNS_MAX = 16, TEXT_MAX = 4096 };

static inline MYSQL *connect_to_mysql(void) {
  struct url url = read_url("DATABASE_URL");
  MYSQL *mysql = mysql_init(NULL);
  mysql_options(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  if (!mysql_real_connect(mysql, url.host, url.user, url.password, url.database,
                          (unsigned)url.port, NULL, 0))
    fail("connect", mysql_error(mysql));
  return mysql;
}

static inline void run_sql(MYSQL *mysql, const char *sql) {
  if (mysql_query(mysql, sql)) fail(sql, mysql_error(mysql));
}

struct statement {
  MYSQL_STMT *handle;
  MYSQL_BIND in[COLUMNS_MAX], out[COLUMNS_MAX];
  char *cells[COLUMNS_MAX];
  unsigned long lengths[COLUMNS_MAX];
  my_bool nulls[COLUMNS_MAX];
  unsigned columns;
};

static inline void check_statement(const struct statement *statement, int failed) {
  if (failed) fail("statement", mysql_stmt_error(statement->handle));
}

static inline void bind_text(struct statement *statement, unsigned index, const char *text,
                             unsigned long length) {
  MYSQL_BIND *bind = &statement->in[index];
  bind->buffer_type = MYSQL_TYPE_STRING;
  bind->buffer = (void *)(uintptr_t)text;
  bind->buffer_length = length;
}

static inline struct statement *prepare(MYSQL *mysql, const char *sql) {
  struct statement *statement = checked(calloc(1, sizeof *statement));
  statement->handle = mysql_stmt_init(mysql);
  check_statement(statement, mysql_stmt_prepare(statement->handle, sql, strlen(sql)));
  statement->columns = mysql_stmt_field_count(statement->handle);
  for (unsigned i = 0; i < statement->columns; i++) {
    statement->cells[i] = checked(malloc(TEXT_MAX));
    statement->out[i] = (MYSQL_BIND){.buffer_type = MYSQL_TYPE_STRING,
                                     .buffer = statement->cells[i],
                                     .buffer_length = TEXT_MAX,
                                     .length = &statement->lengths[i],
                                     .is_null = &statement->nulls[i]};
  }
  return statement;
}

// Runs a statement whose parameters are bound; returns the rows, each copied into the cells.
static inline unsigned run_statement(struct statement *statement) {
  check_statement(statement, mysql_stmt_bind_param(statement->handle, statement->in));
  check_statement(statement, mysql_stmt_execute(statement->handle));
  if (!statement->columns) return 0;
  check_statement(statement, mysql_stmt_bind_result(statement->handle, statement->out));
  unsigned rows = 0;
  int status;
  while ((status = mysql_stmt_fetch(statement->handle)) == 0) rows++;
  if (status != MYSQL_NO_DATA) fail("fetch", mysql_stmt_error(statement->handle));
  mysql_stmt_free_result(statement->handle);
  return rows;
}
