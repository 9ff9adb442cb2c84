#pragma once

#if !__has_include(<mariadb/mysql.h>)
#error "MariaDB Connector/C headers not found. Debian/Ubuntu: apt-get install libmariadb-dev. macOS: brew install mariadb-connector-c"
#endif
#include <mariadb/mysql.h>
