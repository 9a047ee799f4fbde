#!/usr/bin/env bash
# kill -9 of the server at 30 random moments under load; ./dev test does the same with five.
#
#   ./dev soak kill [KILLS]      SOAK_SEED=N repeats the moments of another run
set -euo pipefail
source scripts/lib.sh

scripts/install build
build_preset release
SOAK_KILLS=${1:-30} exec build/process_test --gtest_filter='LoadKill.*'
