#!/usr/bin/env bash
# What 1,000 live clients cost: the best rate with them in their rooms and with the same unsubscribed.
#
#   ./dev bench live [OPTIONS of ./dev bench pipeline]
#
# 900 clients are in `pipeline`, 90 in a room of one order each, 10 in `orders`. Beside the table of
# `pipeline` each trial says what came and how late: the trial at 70 % of the best rate is the one to
# look at.
set -euo pipefail
source scripts/lib.sh

scripts/install-node examples/live
options=(--connections 64 --no-floors "$@")
say "with 1,000 clients in no room"
bench/pipeline.sh "${options[@]}" --beside "scripts/node node bench/live_clients.mjs --idle"
say "with 1,000 clients in their rooms"
bench/pipeline.sh "${options[@]}" --beside "scripts/node node bench/live_clients.mjs"
