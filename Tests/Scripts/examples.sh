#!/usr/bin/env bash
# Builds each example, a package of its own, and compares what it prints with its output.txt; an
# example that is a library has tests, which are run. For the servers of REDIS_URL and DATABASE_URL.
set -euo pipefail
cd "$(dirname "$0")/../.."

for manifest in Examples/*/Package.swift; do
  example=$(dirname "$manifest")
  name=$(basename "$example")
  # SwiftPM does not see new files of a package that another one depends on by path.
  touch "$manifest"
  if [ -d "$example/Tests" ]; then
    swift test --package-path "$example" --scratch-path ".build/examples/$name"
    continue
  fi
  swift build --package-path "$example" --scratch-path ".build/examples/$name"
  diff -u "$example/output.txt" <(".build/examples/$name/debug/$name" || echo "$name: exit code $?") \
    || { echo "examples: $name prints something else" >&2; exit 1; }
  echo "examples: $name prints what it should"
done
