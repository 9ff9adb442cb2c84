#!/usr/bin/env bash
# Writes the documentation of the libraries as one web site, to be served as it is. A broken link is
# an error. DOCS_BASE_PATH is the path of the site on its server; empty for the root.
#
#   documentation.sh DIR
set -euo pipefail
[ $# = 1 ] || { echo "usage: documentation.sh DIR" >&2; exit 1; }
cd "$(dirname "$0")/../.."

graphs=$(swift package dump-symbol-graph --minimum-access-level public \
  | sed -n 's/^Files written to //p' | tail -n 1)
[ -d "$graphs" ] || { echo "documentation: no symbol graphs were written" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/wanted"
for library in SessionCore RedisKit MySQLKit LLMKit SessionCoreTesting; do
  rm -f "$work/wanted"/*
  cp "$graphs/$library".symbols.json "$work/wanted"
  for extension in "$graphs/$library"@*.symbols.json; do
    [ ! -e "$extension" ] || cp "$extension" "$work/wanted"
  done
  docc convert "Sources/$library/$library.docc" --additional-symbol-graph-dir "$work/wanted" \
    --fallback-display-name "$library" --fallback-bundle-identifier "session-memory.$library" \
    --output-path "$work/$library.doccarchive" --no-transform-for-static-hosting \
    2>&1 | tee "$work/diagnostics"
  # A method may document the parameters that need words, and leave out the others.
  if grep -E '^(warning|error):' "$work/diagnostics" | grep -v 'is missing documentation$'; then
    echo "documentation: mend what is above, in $library" >&2
    exit 1
  fi
done
docc merge "$work"/*.doccarchive --synthesized-landing-page-name session-memory \
  --output-path "$work/all"
rm -rf "$1"
mkdir -p "$(dirname "$1")"
docc process-archive transform-for-static-hosting "$work/all" --output-path "$1" \
  --hosting-base-path "${DOCS_BASE_PATH:-}"
