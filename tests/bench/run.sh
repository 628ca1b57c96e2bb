#!/usr/bin/env bash
# ./run bench [NAME]: runs the benchmark programs; standard output is one JSON line a figure.
set -euo pipefail
name=${1:-all}
for program in build/release/tests/bench/*_bench; do
  [ -x "$program" ] || continue
  case $name in
    all | "$(basename "$program" _bench)") printf 'bench: %s ...\n' "${program##*/}" >&2 && "$program" ;;
  esac
done
