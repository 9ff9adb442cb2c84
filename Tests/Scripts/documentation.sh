#!/usr/bin/env bash
# Writes the documentation of the libraries as web pages; a broken link is an error.
#
#   documentation.sh DIR
set -euo pipefail
[ $# = 1 ] || { echo "usage: documentation.sh DIR" >&2; exit 1; }
cd "$(dirname "$0")/../.."

graphs=$(swift package dump-symbol-graph --minimum-access-level public \
  | sed -n 's/^Files written to //p' | tail -n 1)
[ -d "$graphs" ] || { echo "documentation: no symbol graphs were written" >&2; exit 1; }
wanted=$(mktemp -d)
trap 'rm -rf "$wanted"' EXIT
for library in SessionCore RedisKit MySQLKit LLMKit; do
  rm -f "$wanted"/*
  cp "$graphs/$library".symbols.json "$wanted"
  for extension in "$graphs/$library"@*.symbols.json; do
    [ ! -e "$extension" ] || cp "$extension" "$wanted"
  done
  mkdir -p "$1"
  docc convert "Sources/$library/$library.docc" --additional-symbol-graph-dir "$wanted" \
    --fallback-display-name "$library" --fallback-bundle-identifier "session-memory.$library" \
    --output-path "$1/$library" --transform-for-static-hosting --hosting-base-path "$library" \
    --warnings-as-errors
done
