#!/usr/bin/env bash
# Why 500 orders wait that fail eight times, with the delays that the program ships with (minutes,
# nearly all of it waiting); ./dev test does the same with short ones.
#
#   ./dev soak questions
set -euo pipefail
source scripts/lib.sh

scripts/install build
build_preset release
SOAK_DELAYS=shipped exec build/process_test --gtest_filter='Questions.*'
