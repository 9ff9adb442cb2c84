#!/usr/bin/env bash
# build-floors.sh DIR: compiles the floors into DIR, with the clang of the Swift toolchain.
set -euo pipefail
cd "$(dirname "$0")/Floors"
mkdir -p "$1"
clang=$(dirname "$(readlink -f "$(command -v swift)")")/clang
[ -x "$clang" ] || clang=clang

# floor NAME SOURCE FLAG…: compiles one, unless it is newer than all sources.
floor() {
  local out=$1 source=$2
  shift 2
  [ -z "$(find . -newer "$out" 2>&1)" ] && return
  "$clang" -O2 -Wall -Wextra -Werror -o "$out" "$source" "$@"
}

floor "$1/table16" table.c -DKEY_BYTES=16
floor "$1/table36" table.c -DKEY_BYTES=36
floor "$1/store" store.c -pthread
floor "$1/redis" redis.c -D_GNU_SOURCE -lhiredis
floor "$1/sse-server" sse-server.c -D_GNU_SOURCE -pthread
floor "$1/sse" sse.c -lcurl
floor "$1/mysql" mysql.c -lmariadb -pthread
floor "$1/rows" rows.c -lmariadb
floor "$1/turn" turn.c -D_GNU_SOURCE -lhiredis -lmariadb -pthread
floor "$1/startup" startup.c -D_GNU_SOURCE -lutil
