#!/usr/bin/env bash
# What the dashboard's list of orders costs in a browser, against its budgets.
#
#   ./dev bench dashboard [OPTIONS]
#
#   --orders 100000   that the server holds, all completed
#   --changes 500     a second, of further orders, while it is measured
#   --seconds 20      of scrolling, and of watching changes
#   --no-budgets      do not fail above the budgets
#
# The server is the real one in its shipped configuration, with a new data file; the browser is
# Debian's chromium without a GPU. Both and the load share the machine. docs/performance.md says how
# to read what is printed.
set -euo pipefail
source scripts/lib.sh

scripts/install build dashboard
scripts/install-node dashboard
CONVEYOR_DASHBOARD=required scripts/build-dashboard
build_preset release conveyor
CONVEYOR_PROGRAM=$PWD/build/conveyor exec scripts/node node dashboard/e2e/bench.ts "$@"
