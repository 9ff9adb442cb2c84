#!/usr/bin/env bash
# A private Redis and MariaDB in a directory of their own, on free ports of 127.0.0.1.
#
#   servers.sh start DIR        starts what does not run yet; DIR/env then holds the two URLs
#   servers.sh stop DIR         stops them, by pid; the data stay
#   servers.sh run COMMAND…     runs COMMAND with REDIS_URL and DATABASE_URL of fresh servers, which
#                               are stopped and deleted when it ends
set -euo pipefail
PATH="$PATH:/usr/sbin:/usr/local/sbin"

die() { echo "servers: $*" >&2; exit 1; }

# alive FILE NAME: whether the process whose number FILE holds runs, and is a NAME.
alive() {
  local pid
  pid=$(cat "$1" 2>/dev/null) && [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null \
    && case "$(ps -o comm= -p "$pid" 2>/dev/null)" in *"$2"*) true ;; *) false ;; esac
}

free_port() {
  local port
  for _ in $(seq 50); do
    port=$((20000 + RANDOM % 12000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
  die "no free port found between 20000 and 32000"
}

# wait_for PID WHAT LOG COMMAND…: until COMMAND succeeds. 1 when the process ended meanwhile.
wait_for() {
  local pid=$1 what=$2 log=$3
  shift 3
  for _ in $(seq 300); do
    "$@" >/dev/null 2>&1 && return 0
    kill -0 "$pid" 2>/dev/null || return 1
    sleep 0.1
  done
  die "$what does not answer after 30 s; see $log"
}

start_redis() {
  alive "$dir/redis.pid" redis && return
  for _ in 1 2 3 4 5; do
    port=$(free_port)
    ( umask 077; printf '%s\n' "port $port" "bind 127.0.0.1" "requirepass $secret" "dir $dir" \
        'save ""' "appendonly no" "logfile $dir/redis.log" >"$dir/redis.conf" )
    redis-server "$dir/redis.conf" </dev/null >/dev/null 2>&1 3>&- 9>&- &
    pid=$!
    if wait_for "$pid" Redis "$dir/redis.log" \
      env REDISCLI_AUTH="$secret" redis-cli -p "$port" get nothing; then
      echo "$pid" >"$dir/redis.pid"
      echo "REDIS_URL=redis://default:$secret@127.0.0.1:$port/0" >"$dir/redis.env"
      return
    fi
  done
  tail -n 5 "$dir/redis.log" >&2
  die "Redis does not start; see $dir/redis.log"
}

start_mariadb() {
  alive "$dir/mariadb.pid" mariadbd && return
  local user
  user=$(id -un)
  # A server that starts deletes the temporary tables that it finds, also those of other servers.
  mkdir -p "$dir/mariadb.tmp"
  if [ ! -d "$dir/mariadb/mysql" ]; then
    rm -rf "$dir/mariadb"
    mariadb-install-db --no-defaults --datadir="$dir/mariadb" --user="$user" --skip-test-db \
      --tmpdir="$dir/mariadb.tmp" --auth-root-authentication-method=normal \
      >"$dir/install.log" 2>&1 \
      || die "MariaDB cannot be set up; see $dir/install.log"
  fi
  ( umask 077; cat >"$dir/init.sql" <<SQL
CREATE DATABASE IF NOT EXISTS chainlit CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE USER IF NOT EXISTS 'chat'@'%' IDENTIFIED BY '$secret';
GRANT ALL ON *.* TO 'chat'@'%';
ALTER USER 'root'@'localhost' IDENTIFIED BY '$secret';
SQL
  )
  for _ in 1 2 3 4 5; do
    port=$(free_port)
    # The socket's path is relative to the data directory: an absolute one may be too long.
    mariadbd --no-defaults --datadir="$dir/mariadb" --user="$user" --port="$port" \
      --bind-address=127.0.0.1 --socket=mariadb.sock --pid-file="$dir/mariadb.own.pid" \
      --tmpdir="$dir/mariadb.tmp" --skip-name-resolve --skip-log-bin --character-set-server=utf8mb4 \
      --max-allowed-packet=64M --init-file="$dir/init.sql" \
      </dev/null >>"$dir/mariadb.log" 2>&1 3>&- 9>&- &
    pid=$!
    if wait_for "$pid" MariaDB "$dir/mariadb.log" env MYSQL_PWD="$secret" \
      mariadb --no-defaults -h 127.0.0.1 -P "$port" -u chat -e 'select 1' chainlit; then
      echo "$pid" >"$dir/mariadb.pid"
      echo "DATABASE_URL=mysql://chat:$secret@127.0.0.1:$port/chainlit" >"$dir/mariadb.env"
      return
    fi
  done
  tail -n 5 "$dir/mariadb.log" >&2
  die "MariaDB does not start; see $dir/mariadb.log"
}

start() {
  mkdir -p "$1"
  chmod 700 "$1"
  dir=$(cd "$1" && pwd)
  if command -v flock >/dev/null; then
    exec 9>"$dir/lock"
    flock 9
  fi
  if [ ! -s "$dir/secret" ]; then
    ( umask 077; od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$dir/secret" )
  fi
  secret=$(cat "$dir/secret")
  start_redis
  start_mariadb
  cat "$dir/redis.env" "$dir/mariadb.env" >"$dir/env"
  exec 9>&- || true
}

stop() {
  local file name pid
  for file in "$1/redis.pid" "$1/mariadb.pid"; do
    case $file in */redis.pid) name=redis ;; *) name=mariadbd ;; esac
    alive "$file" "$name" || continue
    pid=$(cat "$file")
    kill "$pid"
    for _ in $(seq 300); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
    kill -0 "$pid" 2>/dev/null && die "process $pid ($name) does not stop"
    rm -f "$file"
  done
  return 0
}

case "${1-}" in
  start) [ $# = 2 ] || die "usage: servers.sh start DIR"; start "$2" ;;
  stop) [ $# = 2 ] || die "usage: servers.sh stop DIR"; stop "$2" ;;
  run)
    shift
    [ $# -gt 0 ] || die "usage: servers.sh run COMMAND…"
    temporary=$(mktemp -d)
    trap 'stop "$temporary"; rm -rf "$temporary"' EXIT
    trap 'exit 130' INT TERM
    start "$temporary"
    set -a
    # shellcheck disable=SC1091
    . "$temporary/env"
    set +a
    "$@"
    ;;
  *) die "usage: servers.sh start|stop DIR, or servers.sh run COMMAND…" ;;
esac
