#!/usr/bin/env bash
# Runs the tests, with the options of `swift test` that are given; in three parts without any, so
# that the programs that some tests start by the dozen leave the others their time.
#
# Foundation's `Process.run` of Swift 6.3.1 reads beyond its memory now and then, which ends the test
# process by a signal. Only then is a part run a second time; a test that fails has failed.
set -euo pipefail

log=$(mktemp)
trap 'rm -f "$log"' EXIT

part() {
  for attempt in 1 2; do
    swift test "$@" 2>&1 | tee "$log" && return 0
    grep -q 'unexpected signal code' "$log" && ! grep -q '^✘' "$log" || return 1
    echo "tests: the test process crashed; attempt $attempt of 2" >&2
  done
  return 1
}

if [ $# -gt 0 ]; then
  part "$@"
else
  part --skip 'ChatCLITests|RedisKitTests'
  part --skip-build --filter RedisKitTests
  part --skip-build --filter ChatCLITests
fi
