#!/usr/bin/env bash
# Runs the tests, with the options of `swift test` that are given; in three parts without any, so
# that the programs that some tests start by the dozen leave the others their time.
set -euo pipefail

if [ $# -gt 0 ]; then
  swift test "$@"
else
  swift test --skip 'ChatCLITests|RedisKitTests'
  swift test --skip-build --filter RedisKitTests
  swift test --skip-build --filter ChatCLITests
fi
