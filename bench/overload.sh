#!/usr/bin/env bash
# Three times as many orders as the server keeps up with: what is refused, how soon, what is lost.
#
#   ./dev bench overload [OPTIONS]
#
#   --mix "plain async"  of the load, one after the other: see conveyor load run --help
#   --rate N             orders completed a second at best; found first if it is not given
#   --factor 3           how many times that is offered
#   --seconds 60         how long
#   --connections 1000
#   --dir DIR            where data files are (default: .bench in the clone; made, and removed)
#   --no-floors          do not fail below the floors
#
# The best rate is that of 256 connections, each of which sends its next order when it has the answer
# to the one before, for a third of the time. The overload is offered by a schedule, over connections
# that carry one order each; what is refused is not repeated. Then every order that was accepted has
# to become final, and the data file is verified. Each begins on a new file with 1,000 SKUs in stock.
# docs/performance.md says how to read what is printed.
set -euo pipefail
source scripts/lib.sh
source bench/server

readonly kBestConnections=256
readonly kSettleTries=3000  # of 0.1 s, until all that was accepted is final
readonly kMaxRefusalMs=100 kLeastShare=90 kMaxMemoryMb=300
# docs/formats.md
readonly kCompleted=6
readonly kFinal='6, 10, 11'

mixes="plain async" rate='' factor=3 seconds=60 connections=1000 folder=.bench floors=1
while [[ $# -gt 0 ]]; do
  case $1 in
    --mix | --rate | --factor | --seconds | --connections | --dir)
      [[ $# -ge 2 ]] || usage_error "$1 needs a value"
      case $1 in
        --mix) mixes=$2 ;;
        --dir) folder=$2 ;;
        *) printf -v "${1#--}" %s "$2" ;;
      esac
      shift
      ;;
    --no-floors) floors='' ;;
    *) usage_error "unknown argument: $1" ;;
  esac
  shift
done
for number in "${rate:-1}" "$factor" "$seconds" "$connections"; do
  [[ $number =~ ^[1-9][0-9]*$ ]] || usage_error "not a number from 1: $number"
done

scripts/install build bench
build_preset release conveyor
readonly program=$PWD/build/conveyor
mkdir -p "$folder"
work=$(mktemp -d "$(realpath -- "$folder")/overload.XXXXXX")
clean_up() {
  if [[ -n $server_pid ]]; then kill -9 "$server_pid" 2>/dev/null || true; fi
  rm -rf -- "$work"
  rmdir --ignore-fail-on-non-empty -- "$folder" 2>/dev/null || true
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# The ledger beside the store. Completed is what was within the time since the first order was due.
readonly kQuery="
.bail on
CREATE TABLE ledger(reference TEXT, customer TEXT, scheduled INT, sent INT, answered INT, status INT);
.mode csv
.import '|jq -r \"[.reference,.customer_id,.scheduled_at,.sent_at,.answered_at,.status]|@csv\" LEDGER' ledger
.mode list
ATTACH 'file:DATA?mode=ro' AS store;
CREATE TEMP TABLE begin AS SELECT min(scheduled) AS at FROM ledger;
CREATE TEMP TABLE took AS SELECT answered - sent AS ms FROM ledger WHERE status = 201;
SELECT json_object(
  'completed', (SELECT count(*) FROM store.orders, begin
                WHERE status = $kCompleted AND updated_at <= begin.at + SECONDS * 1000),
  'accepted', (SELECT count(*) FROM ledger WHERE status = 201),
  'refused', (SELECT count(*) FROM ledger WHERE status IN (429, 503)),
  'otherwise', (SELECT count(*) FROM ledger WHERE status NOT IN (201, 429, 503)),
  'final', (SELECT count(*) FROM ledger l JOIN store.orders o
            ON o.customer_id = l.customer AND o.reference = l.reference
            WHERE l.status = 201 AND o.status IN ($kFinal)),
  'orders', (SELECT count(*) FROM store.orders),
  'accepted_p50', (SELECT ms FROM took ORDER BY ms LIMIT 1
                   OFFSET (SELECT count(*) / 2 FROM took)),
  'accepted_p99', (SELECT ms FROM took ORDER BY ms LIMIT 1
                   OFFSET (SELECT count(*) * 99 / 100 FROM took)));"

# open_orders: how many the server counts that are not final.
open_orders() {
  curl -sSf --max-time 30 "$server_url/metrics" |
    awk '$1 ~ /^conveyor_orders\{/ { sum += $2 } END { print sum + 0 }'
}

# load MIX SECONDS ARGS...: on a new server; what came of it is in $work/result, JSON.
load() {
  local mix=$1 time=$2 dir=$work/trial status=0 peak tries before text=$kQuery
  shift 2
  rm -rf -- "$dir"
  mkdir "$dir"
  start_server "$program" "$dir"
  stock_up "$program" "$dir"
  "$program" load run --server "$server_url" --mix "$mix" --lines 2 --skus 1000 \
    --duration "$time" --no-repeat --ledger "$dir/ledger" -o json "$@" \
    >"$dir/client" 2>"$dir/client.err" || status=$?
  [[ $status -eq 0 || $status -eq 8 ]] || die "bench: load run: $(<"$dir/client.err")"
  before=$(open_orders)
  for ((tries = 0; tries < kSettleTries; ++tries)); do
    [[ $(open_orders) -gt 0 ]] || break
    sleep 0.1
  done
  peak=$(memory_of "$server_pid" VmHWM)
  stop_server
  verify_file "$program" "$dir/data.db" >/dev/null
  text=${text//LEDGER/$dir/ledger}
  text=${text//DATA/$dir/data.db}
  text=${text//SECONDS/$time}
  sqlite3 -batch "file:$dir/query.db" <<<"$text" >"$dir/store"
  jq -n --slurpfile c "$dir/client" --slurpfile s "$dir/store" --argjson seconds "$time" \
    --argjson peak "$peak" --argjson open "$before" '
    $c[0] as $c | $s[0] + {
      offered: $c.offered, sent: $c.sent, unanswered: $c.unanswered, refusal_ms: $c.refusal_ms,
      why: ($c.refusals + $c.server_errors | to_entries
            | map("\(.value) x \(.key)") | join(", ")),
      completed_s: ($s[0].completed / $seconds), memory_mb: ($peak * 1.024e-3),
      open_at_the_end: $open }' >"$work/result"
}

report() {
  jq -r --arg mix "$1" --argjson best "$2" --argjson offered "$3" '
    def fixed(n): . * pow(10; n) | round / pow(10; n);
    "mix \($mix), \($offered) orders/s offered",
    "  due, and sent                     \(.offered), \(.sent)",
    "  accepted                          \(.accepted), answered after p50 \(.accepted_p50) ms, p99 \(.accepted_p99) ms",
    "  refused                           \(.refused)\(if .refused > 0 then ": \(.why)" else "" end)",
    (if .refused > 0 then
     "  answered so after                 p50 \(.refusal_ms.p50 | fixed(1)) ms, p99 \(.refusal_ms.p99 | fixed(1)) ms, most \(.refusal_ms.max | fixed(1)) ms"
     else empty end),
    "  answered otherwise, not at all    \(.otherwise), \(.unanswered)",
    "  completed                         \(.completed_s | fixed(0)) orders/s, \(.completed_s * 100 / $best | fixed(0)) % of the best, \($best | fixed(0)) orders/s",
    "  open when the load ended          \(.open_at_the_end)",
    "  accepted and final                \(.final) of \(.accepted)",
    "  peak resident memory              \(.memory_mb | fixed(0)) MB"' "$work/result"
}

# keeps_floors BEST
keeps_floors() {
  jq -e --argjson best "$1" --argjson refusal "$kMaxRefusalMs" --argjson share "$kLeastShare" \
    --argjson memory "$kMaxMemoryMb" '
    .refusal_ms.p99 <= $refusal and .completed_s * 100 >= $best * $share and
    .memory_mb <= $memory and .final == .accepted and .orders == .accepted and
    .otherwise == 0 and .unanswered == 0' "$work/result" >/dev/null
}

print_machine "$work"
below=()
for mix in $mixes; do
  best=$rate
  if [[ -z $best ]]; then
    say "mix $mix: the best rate"
    load "$mix" $(((seconds + 2) / 3)) --rate max --connections "$kBestConnections"
    best=$(jq .completed_s "$work/result")
  fi
  offered=$(jq -n --argjson best "$best" --argjson factor "$factor" '$best * $factor | round')
  say "mix $mix: $offered orders/s"
  load "$mix" "$seconds" --rate "$offered" --connections "$connections"
  echo
  report "$mix" "$best" "$offered"
  keeps_floors "$best" || below+=("$mix")
done
[[ -n $floors ]] || exit 0
[[ ${#below[@]} -eq 0 ]] ||
  die "bench: below a floor with mix ${below[*]}: refusals within $kMaxRefusalMs ms (p99)," \
    "$kLeastShare % of the best rate, $kMaxMemoryMb MB, everything answered, accepted is final"
say "bench: above the floors of overload"
