#!/usr/bin/env bash
# Runs tests under the address sanitizer, which also finds leaks, and under the thread sanitizer.
# For the servers of REDIS_URL and DATABASE_URL; the arguments are further ones of `swift test`.
set -euo pipefail
cd "$(dirname "$0")/../.."

suppressions=$PWD/Tests/Scripts
# A crash would leave a backtrace program behind, which holds the output open.
export SWIFT_BACKTRACE=enable=no
export LSAN_OPTIONS="suppressions=$suppressions/leaks.supp print_suppressions=0"
export TSAN_OPTIONS="suppressions=$suppressions/races.supp halt_on_error=1"
for sanitizer in address thread; do
  echo "sanitize: $sanitizer"
  swift test --sanitize="$sanitizer" --scratch-path ".build/sanitize-$sanitizer" \
    --filter 'SessionCoreTests|RedisKitTests' "$@"
done
