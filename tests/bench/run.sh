#!/usr/bin/env bash
# ./run bench [NAME]: runs the benchmark programs whose names begin with NAME; standard output is one JSON line a
# figure.
set -euo pipefail
name=${1:-all}
for program in build/release/tests/bench/*_bench; do
  [ -x "$program" ] || continue
  [[ $name == all || ${program##*/} == "$name"* ]] || continue
  printf 'bench: %s ...\n' "${program##*/}" >&2
  "$program"
done
