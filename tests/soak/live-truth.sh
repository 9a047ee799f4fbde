#!/usr/bin/env bash
# The list of orders in a browser against the API, each second, while the server is killed twice and
# the relay in front of it stopped once; ./dev test does the same for 40 s.
#
#   ./dev soak live-truth [SECONDS [ORDERS-A-SECOND]]     300 and 12 without
set -euo pipefail
source scripts/lib.sh

scripts/install build dashboard
scripts/install-node dashboard
CONVEYOR_DASHBOARD=required scripts/build-dashboard
build_preset release conveyor
CONVEYOR_PROGRAM=$PWD/build/conveyor exec scripts/node node dashboard/e2e/live-truth.ts "${@:-300}"
