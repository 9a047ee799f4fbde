#!/usr/bin/env bash
# 20 clients follow 10,000 orders and are cut off 20 times each at random, the server is killed, the
# relay stopped; ./dev test does the same with four.
#
#   ./dev soak live [SEED]
set -euo pipefail
source scripts/lib.sh

scripts/install build
scripts/install-node examples/live
build_preset release
exec scripts/node node tests/live/completeness.mjs build/conveyor 10000 20 20 "$@"
