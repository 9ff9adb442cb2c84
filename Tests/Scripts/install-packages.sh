#!/usr/bin/env bash
# Installs the system packages that the build and the private servers need, if any is missing; with
# the argument `tests`, what tests alone need too.
set -euo pipefail

wanted=()
has_header() { [ -e "/usr/include/$1" ] || [ -e "/usr/local/include/$1" ] \
  || ls /usr/include/*-linux-gnu*/"$1" >/dev/null 2>&1; }

has_header hiredis/hiredis.h || wanted+=(libhiredis-dev)
has_header mariadb/mysql.h || wanted+=(libmariadb-dev)
has_header curl/curl.h || wanted+=(libcurl4-openssl-dev)
PATH="$PATH:/usr/sbin:/usr/local/sbin"
{ command -v redis-server && command -v redis-cli; } >/dev/null || wanted+=(redis-server)
{ command -v mariadbd && command -v mariadb-install-db; } >/dev/null || wanted+=(mariadb-server-core)
command -v mariadb >/dev/null || wanted+=(mariadb-client-core)
if [ "${1:-}" = tests ]; then
  command -v openssl >/dev/null || wanted+=(openssl)
  command -v nghttpd >/dev/null || wanted+=(nghttp2-server)
fi
[ ${#wanted[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
  echo "install-packages: not Debian or Ubuntu; please install: ${wanted[*]}" >&2
  exit 1
fi
as_root=()
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || {
    echo "install-packages: neither root nor sudo; please install: ${wanted[*]}" >&2
    exit 1
  }
  as_root=(sudo)
fi

echo "Installing ${wanted[*]} …" >&2
"${as_root[@]}" apt-get update -qq >&2
# Older releases have the core packages under a versioned name only.
for i in "${!wanted[@]}"; do
  case ${wanted[$i]} in
    mariadb-server-core | mariadb-client-core)
      apt-cache show "${wanted[$i]}" >/dev/null 2>&1 || wanted[i]=$(
        apt-cache search --names-only "^${wanted[$i]}-[0-9.]+$" | cut -d' ' -f1 | sort -V | tail -n 1
      )
      ;;
  esac
done
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -qq -y --no-install-recommends "${wanted[@]}" >/dev/null
