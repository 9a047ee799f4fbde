#!/usr/bin/env bash
# What the parts of an order cost by themselves: Google Benchmark over decide, evolve, encode, hash,
# id, parse, timers and an HTTP round trip.
#
#   ./dev bench micro            all of them
#   ./dev bench micro ARGS       ARGS of Google Benchmark: --benchmark_filter=hash,
#                                --benchmark_repetitions=5, --benchmark_format=json, ...
#
# Each checks its result before it is measured. docs/performance.md says what each one does.
set -euo pipefail
source scripts/lib.sh

scripts/install build bench
# The package may be new here; without it there is no such target.
cmake --preset release --log-level=WARNING >&2
build_preset release conveyor-bench-micro
exec build/conveyor-bench-micro "$@"
