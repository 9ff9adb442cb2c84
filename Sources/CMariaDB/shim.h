#pragma once

#if !__has_include(<mariadb/mysql.h>)
#error "MariaDB Connector/C headers not found. Debian/Ubuntu: apt-get install libmariadb-dev. macOS: brew install mariadb-connector-c"
#endif
#include <mariadb/mysql.h>

/// Sends a bound statement and does not wait for the reply; 0 when it was sent.
static inline int session_stmt_send(MYSQL_STMT *stmt) {
  my_bool skip = 1;
  mysql_options(stmt->mysql, MARIADB_OPT_SKIP_READ_RESPONSE, &skip);
  int status = mysql_stmt_execute(stmt);
  skip = 0;
  mysql_options(stmt->mysql, MARIADB_OPT_SKIP_READ_RESPONSE, &skip);
  return status;
}

/// Reads the reply of a statement that was sent; replies come in the order of sending.
static inline int session_stmt_receive(MYSQL_STMT *stmt) {
  return stmt->mysql->methods->db_read_execute_response(stmt);
}
