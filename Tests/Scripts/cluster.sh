#!/usr/bin/env bash
# A private Redis Cluster, and a private primary with replicas and sentinels, in a directory of their
# own, on free ports of 127.0.0.1.
#
#   cluster.sh run COMMAND…     runs COMMAND with REDIS_CLUSTER_URL, REDIS_SENTINEL_URL and
#                               REDIS_NODES (the directory, with PORT.conf and PORT.pid of every
#                               server); all is stopped and deleted when it ends
set -euo pipefail

die() { echo "cluster: $*" >&2; exit 1; }

is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# pick_ports COUNT: into `ports`, each free like the one of the cluster's bus, 10,000 above.
pick_ports() {
  local port
  ports=()
  for _ in $(seq 500); do
    port=$((11000 + RANDOM % 9000))
    case " ${used-} " in *" $port "*) continue ;; esac
    if is_free "$port" && is_free $((port + 10000)); then
      ports+=("$port")
      used="${used-} $port"
      [ ${#ports[@]} = "$1" ] && return 0
    fi
  done
  die "not enough free ports"
}

# answers PORT WORD…: whether the server answers a command with something that holds the first word.
answers() {
  local port=$1 word=$2
  shift 2
  [[ "$(redis-cli -p "$port" "$@" 2>/dev/null)" == *"$word"* ]]
}

wait_until() {
  for _ in $(seq 600); do
    "$@" && return 0
    sleep 0.1
  done
  die "after 60 s still not so: $*; see $dir"
}

# launch PORT LINE…: a server with these lines of configuration.
launch() {
  local port=$1
  shift
  printf '%s\n' "port $port" "bind 127.0.0.1" "dir $dir" "pidfile $dir/$port.pid" \
    "logfile $dir/$port.log" "requirepass $secret" "$@" >"$dir/$port.conf"
  redis-server "$dir/$port.conf" ${sentinel:+--sentinel} </dev/null >/dev/null 2>&1 &
  disown
}

start_cluster() {
  local port addresses=()
  pick_ports 6
  for port in "${ports[@]}"; do
    launch "$port" 'save ""' "appendonly no" "masterauth $secret" "cluster-enabled yes" \
      "cluster-config-file $dir/$port.nodes" "cluster-node-timeout 3000" \
      "repl-diskless-sync-delay 0" "repl-ping-replica-period 1" \
      "notify-keyspace-events Ex"
    addresses+=("127.0.0.1:$port")
  done
  for port in "${ports[@]}"; do wait_until answers "$port" PONG ping; done
  redis-cli --cluster create "${addresses[@]}" --cluster-replicas 1 --cluster-yes \
    >"$dir/create.log" 2>&1 || { cat "$dir/create.log" >&2; die "no cluster can be made"; }
  for port in "${ports[@]}"; do
    wait_until answers "$port" cluster_state:ok cluster info
    wait_until answers "$port" cluster_known_nodes:6 cluster info
  done
  local list
  list=$(IFS=,; echo "${addresses[*]}")
  export REDIS_CLUSTER_URL="redis+cluster://default:$secret@$list"
}

start_sentinels() {
  local port primary hosts=()
  pick_ports 6
  primary=${ports[0]}
  for port in "${ports[@]:0:3}"; do
    launch "$port" 'save ""' "appendonly no" "masterauth $secret" "repl-diskless-sync-delay 0" \
      "$([ "$port" = "$primary" ] || echo "replicaof 127.0.0.1 $primary")"
  done
  for port in "${ports[@]:0:3}"; do wait_until answers "$port" PONG ping; done
  wait_until answers "$primary" connected_slaves:2 info replication
  for port in "${ports[@]:3:3}"; do
    sentinel=yes launch "$port" "sentinel monitor chat 127.0.0.1 $primary 2" \
      "sentinel auth-pass chat $secret" "sentinel sentinel-pass $secret" \
      "sentinel down-after-milliseconds chat 2000" "sentinel failover-timeout chat 6000"
    hosts+=("127.0.0.1:$port")
  done
  for port in "${ports[@]:3:3}"; do
    wait_until answers "$port" "sentinels=3" info sentinel
    wait_until answers "$port" "slaves=2" info sentinel
  done
  local list
  list=$(IFS=,; echo "${hosts[*]}")
  export REDIS_SENTINEL_URL="redis+sentinel://default:$secret@$list/chat?sentinel-password=$secret"
}

stop() {
  local file pid
  for file in "$dir"/*.conf; do
    pid=$(cat "${file%.conf}.pid" 2>/dev/null) || continue
    case "$(ps -o comm= -p "$pid" 2>/dev/null)" in *redis*) kill -9 "$pid" 2>/dev/null || true ;; esac
  done
  rm -rf "$dir"
}

[ "${1-}" = run ] && [ $# -gt 1 ] || die "usage: cluster.sh run COMMAND…"
shift
dir=$(mktemp -d)
chmod 700 "$dir"
secret=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
export REDISCLI_AUTH=$secret REDIS_NODES=$dir
trap stop EXIT
trap 'exit 130' INT TERM
start_cluster
start_sentinels
"$@"
