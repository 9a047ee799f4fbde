#!/usr/bin/env bash
# 200 orders of a provider that is down for 20 s, with the product's own numbers for breaker, retry
# budget and back-off; ./dev test does the same with a shorter outage.
#
#   ./dev soak outage
set -euo pipefail
source scripts/lib.sh

scripts/install build
build_preset release
SOAK_OUTAGE=full exec build/process_test --gtest_filter='OutageOfAProvider.*'
