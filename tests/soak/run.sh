#!/usr/bin/env bash
# ./run soak [MINUTES]: the long campaigns, one after another until the time is over. Each prints how it is replayed.
set -euo pipefail
minutes=${1:-30}
end=$((SECONDS + minutes * 60))
fuzz_seconds=$((minutes * 60 / 4))
tests=build/release/tests

say() { printf 'soak: %s\n' "$*" >&2; }

campaign() { # what, command...
  say "$1: ${*:2}"
  "${@:2}" >build/soak.log 2>&1 || { tail -n 40 build/soak.log >&2; say "FAILED: $1; again by: ${*:2}"; exit 1; }
}

say "the condition language's fuzzer for $fuzz_seconds s (builds with clang)"
./run build fuzz condition_fuzz
fuzzer=$(find build/fuzz -name condition_fuzz -type f -perm -u+x | head -n 1)
mkdir -p build/corpus
campaign 'conditions, hostile texts' "$fuzzer" -max_total_time=$fuzz_seconds build/corpus tests/fuzz/corpus
rounds=0
while [ $SECONDS -lt $end ]; do
  rounds=$((rounds + 1))
  campaign 'memory equals SQL, 10 million decisions' env TALON_CONDITIONS=10 "$(find $tests -name test_unit_gate -type f)"
  campaign '16 writers of 1,000 issues with kill -9' env TALON_ISSUES_PER_WRITER=1000 \
    $tests/integration/acceptance/test_integration_acceptance --gtest_filter='Numbers.*:Sync.*'
done
say "$rounds rounds without a failure"
