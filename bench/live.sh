#!/usr/bin/env bash
# What 1,000 live clients cost: the best rate with them in their rooms and with the same unsubscribed.
#
#   ./dev bench live [OPTIONS of ./dev bench pipeline]
#
# 900 clients are in `pipeline`, 90 in a room of one order each, 10 in `orders`; one more never reads.
# Fails if rooms cost more than a tenth of the rate, if at 60 % of it the lag's p99 is above 500 ms or
# somebody was cut or had to resync, or if the one that does not read was told nothing.
set -euo pipefail
source scripts/lib.sh

readonly kLeastShare=90 kShare=60 kMaxLagMs=500

scripts/install-node examples/live

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
options=(--connections 256 --no-floors --share "$kShare" "$@")
say "with 1,000 clients in no room"
bench/pipeline.sh "${options[@]}" --results "$work/idle" \
  --beside "scripts/node node bench/live_clients.mjs --idle"
say "with 1,000 clients in their rooms"
bench/pipeline.sh "${options[@]}" --results "$work/live" \
  --beside "scripts/node node bench/live_clients.mjs"

jq -n -r --slurpfile idle "$work/idle" --slurpfile live "$work/live" '
  $idle[0][0].rate as $without | $live[0][0].rate as $with | $live[0][1] as $calm |
  "",
  "best rate with rooms              \($with)/s, \($with * 100 / $without | round) % of \($without)/s without",
  "peak resident memory              \($live[0][0].rss_mib | round) MiB, \($idle[0][0].rss_mib | round) MiB without",
  "at \($calm.rate)/s: lag                p50 \($calm.beside.lag_ms.p50) ms, p99 \($calm.beside.lag_ms.p99) ms, most \($calm.beside.lag_ms.most) ms of \($calm.beside.rows) rows",
  "at \($calm.rate)/s: others             \($calm.beside.cut) cut, \($calm.beside.resyncs) told to resync",
  "the one that never reads          \($calm.beside.never_reads)"'
jq -e -n --slurpfile idle "$work/idle" --slurpfile live "$work/live" \
  --argjson share "$kLeastShare" --argjson lag "$kMaxLagMs" '
  $live[0][1].beside as $calm |
  $live[0][0].rate * 100 >= $idle[0][0].rate * $share and $calm.lag_ms.p99 <= $lag and
  $calm.cut == 0 and $calm.resyncs == 0 and $calm.never_reads != "told nothing"' >/dev/null ||
  die "bench: below a floor: $kLeastShare % of the rate, p99 $kMaxLagMs ms, nobody else notices"
say "bench: above the floors of live updates"
