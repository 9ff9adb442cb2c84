#pragma once

#if !__has_include(<mariadb/mysql.h>)
#error "MariaDB Connector/C headers not found. Debian/Ubuntu: apt-get install libmariadb-dev. macOS: brew install mariadb-connector-c"
#endif
#include <mariadb/mysql.h>
#include <mariadb/ma_pvio.h>
#if MARIADB_PACKAGE_VERSION_ID < 30300
#error "MariaDB Connector/C 3.3 or later is needed"
#endif

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

/// The bytes of a text or a BLOB, not NULL, of the row that was fetched last. In the row they stand
/// behind their length, whose first byte tells how many bytes it takes.
static inline const unsigned char *session_stmt_bytes(MYSQL_STMT *stmt, unsigned int column) {
  const unsigned char *length = stmt->bind[column].u.row_ptr;
  switch (*length) {
    case 252: return length + 3;
    case 253: return length + 4;
    case 254: return length + 9;
    default: return length + 1;
  }
}

/// Whether a whole packet has been received and is still to be read: reading it waits for nothing.
static inline int session_has_packet(const MYSQL *mysql) {
  const MARIADB_PVIO *pvio = mysql->net.pvio;
  if (!pvio || !pvio->cache) return 0;
  size_t left = pvio->cache_size - (size_t)(pvio->cache_pos - pvio->cache);
  if (left < 4) return 0;
  const unsigned char *head = pvio->cache_pos;
  return left - 4 >= ((size_t)head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16);
}

/// Whether the server said with its last reply that a transaction is open.
static inline int session_is_in_transaction(const MYSQL *mysql) {
  return (mysql->server_status & SERVER_STATUS_IN_TRANS) != 0;
}

/// Whether the result being read holds the values of a procedure's OUT parameters.
static inline int session_has_out_parameters(const MYSQL *mysql) {
  return (mysql->server_status & SERVER_PS_OUT_PARAMS) != 0;
}
