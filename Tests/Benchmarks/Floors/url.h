// The server URLs of Tests/Scripts/servers.sh: scheme://user:password@host:port/database.
#pragma once

#include "floor.h"

struct url {
  char user[64], password[128], host[128], database[64];
  int port;
};

static inline struct url read_url(const char *variable) {
  struct url url;
  const char *text = getenv(variable);
  if (!text) fail(variable, "not set");
  if (sscanf(text, "%*[a-z]://%63[^:]:%127[^@]@%127[^:]:%d/%63s", url.user, url.password, url.host,
             &url.port, url.database) != 5)
    fail(variable, "not of the form scheme://user:password@host:port/database");
  return url;
}
