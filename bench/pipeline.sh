#!/usr/bin/env bash
# The highest rate that the server keeps up with, over HTTP, in its shipped configuration.
#
#   ./dev bench pipeline [OPTIONS]
#
#   --connections "64 256"   how many connections, one search each
#   --seconds 20             length of a trial
#   --rate 1000              where the search begins, orders a second
#   --once                   no search: only whether that rate is sustained
#   --stored 0               orders that the data file holds already, all completed
#   --mix plain              of the load: see conveyor load run --help
#   --lines 2                of each order
#   --dir DIR                where data files are (default: .bench in the clone; made, and removed)
#   --share 70               percent of the rate that was found, at which latencies are taken
#   --profile                also record where the server's CPU time goes, at that share
#   --no-floors              do not fail below the floors
#   --beside "COMMAND"       run beside each trial, with the server's URL behind it: it prints a line
#                            when it is ready, and on SIGTERM one, JSON, that is shown
#   --results FILE           also add the trials to it, JSON: [at the rate that was found, at the share]
#
# Each trial is a new data file with 1,000 SKUs in stock, or with --stored orders a copy of one, and
# `conveyor load run` from a process of its own: unique keys, all six steps. It
# is sustained if every order that was sent was acknowledged, no answer was 5xx, and at the end no
# more orders were open (offered by the schedule, not completed in the store) than after 10 s (half
# of a shorter trial); 512 more are allowed, which is one batch: samples fall anywhere within one. The
# rate doubles until it is not sustained; then the search goes on from what was completed, and ends
# when 3 % more is too much. Every data file is verified. docs/performance.md says how to read what is printed.
set -euo pipefail
source scripts/lib.sh
source bench/server

readonly kBatch=512          # inputs of a batch, see docs/architecture.md
readonly kMarkSeconds=10     # open orders at the end are compared with those after so long
readonly kPrecision=103      # of 100: the search ends when the bounds are closer
readonly kMaxTrials=16       # of one search
readonly kFloorConnections=256 kFloorBytes=5000
declare -rA kFloorCompleted=([plain]=6000 [async]=3500)  # by mix; others have no floor
readonly kCompleted=6  # docs/formats.md

connections="64 256" seconds=20 first_rate=1000 folder=.bench share=70 stored=0 mix=plain lines=2
profile='' floors=1 beside='' results='' once=''
while [[ $# -gt 0 ]]; do
  case $1 in
    --connections | --seconds | --rate | --stored | --mix | --lines | --dir | --share | --beside | --results)
      [[ $# -ge 2 ]] || usage_error "$1 needs a value"
      case $1 in
        --connections) connections=$2 ;;
        --seconds) seconds=$2 ;;
        --rate) first_rate=$2 ;;
        --stored) stored=$2 ;;
        --mix) mix=$2 ;;
        --lines) lines=$2 ;;
        --dir) folder=$2 ;;
        --share) share=$2 ;;
        --beside) beside=$2 ;;
        --results) results=$2 ;;
      esac
      shift
      ;;
    --profile) profile=1 ;;
    --once) once=1 ;;
    --no-floors) floors='' ;;
    *) usage_error "unknown argument: $1" ;;
  esac
  shift
done
[[ $seconds =~ ^[1-9][0-9]*$ && $seconds -ge 4 ]] || usage_error "--seconds: a number from 4"
[[ $share =~ ^[1-9][0-9]?$ ]] || usage_error "--share: a number from 1 to 99"
[[ $stored =~ ^(0|[1-9][0-9]*)$ ]] || usage_error "--stored: a whole number"
[[ $lines =~ ^[1-9][0-9]*$ ]] || usage_error "--lines: a whole number from 1"
[[ $first_rate =~ ^[1-9][0-9]*$ ]] || usage_error "--rate: a whole number"

scripts/install build bench
build_preset release
readonly program=$PWD/build/conveyor
mkdir -p "$folder"
work=$(mktemp -d "$(realpath -- "$folder")/run.XXXXXX")
beside_pid=''
clean_up() {
  if [[ -n $beside_pid ]]; then kill -9 "$beside_pid" 2>/dev/null || true; fi
  if [[ -n $server_pid ]]; then kill -9 "$server_pid" 2>/dev/null || true; fi
  rm -rf -- "$work"
  rmdir --ignore-fail-on-non-empty -- "$folder" 2>/dev/null || true
}
trap clean_up EXIT
trap 'exit 130' INT TERM

mark=$kMarkSeconds
[[ $seconds -ge $((2 * mark)) ]] || mark=$((seconds / 2))
readonly mark

# start_beside DIR, stop_beside DIR: the command beside a trial, if there is one.
start_beside() {
  [[ -n $beside ]] || return 0
  local words tries
  read -ra words <<<"$beside"
  "${words[@]}" "$server_url" </dev/null >"$1/beside" &
  beside_pid=$!
  for ((tries = 0; tries < kReadyTries; ++tries)); do
    [[ ! -s $1/beside ]] || return 0
    kill -0 "$beside_pid" 2>/dev/null || break
    sleep 0.05
  done
  die "bench: $beside did not become ready"
}
stop_beside() {
  echo null >"$1/beside.result"
  [[ -n $beside ]] || return 0
  kill -TERM "$beside_pid"
  wait "$beside_pid" || die "bench: $beside ended with status $?"
  beside_pid=
  say "beside: $(tail -n 1 "$1/beside")"
  tail -n 1 "$1/beside" >"$1/beside.result"
}

# The ledger beside the store: how open orders went, and the time to completion.
readonly kQuery="
.bail on
CREATE TABLE ledger(reference TEXT, customer TEXT, scheduled INT, answered INT, status INT);
.mode csv
.import '|jq -r \"[.reference,.customer_id,.scheduled_at,.answered_at,.status]|@csv\" LEDGER' ledger
.mode list
ATTACH 'file:DATA?mode=ro' AS store;
CREATE TEMP TABLE begin AS SELECT min(scheduled) AS at FROM ledger;
CREATE TEMP TABLE done AS SELECT id AS order_id, updated_at AS at FROM store.orders
  WHERE status = $kCompleted AND updated_at >= (SELECT at FROM begin);
CREATE TEMP TABLE took AS
  SELECT l.answered - l.scheduled AS post, max(l.answered, d.at) - l.scheduled AS whole
  FROM ledger l JOIN store.orders o ON o.customer_id = l.customer AND o.reference = l.reference
  JOIN done d ON d.order_id = o.id WHERE l.status = 201;
SELECT json_object(
  'completed_mark', (SELECT count(*) FROM done, begin WHERE done.at <= begin.at + MARK * 1000),
  'completed_end', (SELECT count(*) FROM done, begin WHERE done.at <= begin.at + SECONDS * 1000),
  'orders', (SELECT count(*) FROM store.orders) - STORED,
  'whole_p50', (SELECT whole FROM took ORDER BY whole LIMIT 1
                OFFSET (SELECT count(*) / 2 FROM took)),
  'whole_p99', (SELECT whole FROM took ORDER BY whole LIMIT 1
                OFFSET (SELECT count(*) * 99 / 100 FROM took)));"

# query_store DIR: the numbers above as JSON.
query_store() {
  local text=$kQuery
  text=${text//LEDGER/$1/ledger}
  text=${text//DATA/$1/data.db}
  text=${text//STORED/$stored}
  text=${text//MARK/$mark}
  text=${text//SECONDS/$seconds}
  sqlite3 -batch "file:$1/query.db" <<<"$text"
}

# make_first: the data file that every trial begins with, $work/first.db.
make_first() {
  local dir=$work/first
  mkdir "$dir"
  start_server "$program" "$dir"
  stock_up "$program" "$dir"
  if [[ $stored -gt 0 ]]; then
    "$program" load run --server "$server_url" --rate max --connections 256 --lines "$lines" --skus 1000 \
      --duration 86400 --orders "$stored" >/dev/null || die "bench: load run: status $?"
  fi
  stop_server
  mv "$dir/data.db" "$work/first.db"
  rm -rf -- "$dir"
}

# trial CONNECTIONS RATE [PROFILE]: loads a new server; the result, JSON, is in $work/result.
trial() {
  local dir=$work/trial status=0 before cpu_before cpu_after rss size_before size_after perf_pid=
  rm -rf -- "$dir"
  mkdir "$dir"
  cp -- "$work/first.db" "$dir/data.db"
  sync  # else the kernel writes the copy while the trial wants the disk
  size_before=$(stat -c %s "$dir/data.db")
  start_server "$program" "$dir"
  start_beside "$dir"
  if [[ -n ${3:-} ]]; then
    perf record -q -e cpu-clock -F 999 -g -p "$server_pid" -o "$dir/perf.data" \
      -- sleep "$seconds" >/dev/null 2>&1 &
    perf_pid=$!
  fi
  cpu_before=$(cpu_seconds "$server_pid")
  "$program" load run --server "$server_url" --rate "$2" --connections "$1" --lines "$lines" --skus 1000 \
    --mix "$mix" --duration "$seconds" --ledger "$dir/ledger" -o json \
    >"$dir/client" 2>"$dir/client.err" ||
    status=$?
  [[ $status -eq 0 || $status -eq 8 ]] || die "bench: load run: $(<"$dir/client.err")"
  cpu_after=$(cpu_seconds "$server_pid")
  rss=$(memory_of "$server_pid" VmHWM)
  [[ -z $perf_pid ]] || wait "$perf_pid" || true
  stop_beside "$dir"
  stop_server
  size_after=$(stat -c %s "$dir/data.db")
  verify_file "$program" "$dir/data.db" >/dev/null
  query_store "$dir" >"$dir/store"
  jq -n --slurpfile c "$dir/client" --slurpfile s "$dir/store" \
    --slurpfile beside "$dir/beside.result" \
    --argjson connections "$1" --argjson rate "$2" --argjson seconds "$seconds" \
    --argjson mark "$mark" --argjson batch "$kBatch" --argjson rss "$rss" \
    --argjson cpu "$cpu_after" --argjson cpu_before "$cpu_before" \
    --argjson size "$size_after" --argjson size_before "$size_before" '
    $c[0] as $c | $s[0] as $s |
    ($rate * $mark - $s.completed_mark) as $open_mark |
    ($rate * $seconds - $s.completed_end) as $open_end |
    { connections: $connections, rate: $rate, open_mark: $open_mark, open_end: $open_end,
      acknowledged: $c.acknowledged, server_errors: $c.server_error_answers,
      accepted_s: ($c.acknowledged / $seconds), completed_s: ($s.completed_end / $seconds),
      post_ms: $c.post_ms, whole_ms: { p50: $s.whole_p50, p99: $s.whole_p99 },
      server_cpu: (($cpu - $cpu_before) * 1000 / $c.acknowledged),
      client_cpu: ($c.cpu_s * 1000 / $c.acknowledged),
      rss_mib: ($rss / 1024), beside: $beside[0], bytes_per_order: (($size - $size_before) / $s.orders),
      sustained: ($open_end <= $open_mark + $batch and $c.server_error_answers == 0
                  and $c.refused == 0 and $c.unanswered == 0) }' \
    >"$work/result"
  say "$(jq -r '"\(.connections) connections, \(.rate)/s: " +
    (if .sustained then "sustained" else "not sustained" end) +
    "; open after mark \(.open_mark), at the end \(.open_end); 5xx \(.server_errors);" +
    " completed/s \(.completed_s | floor)"' "$work/result")"
}

# search CONNECTIONS: the best sustained trial is in $work/best.CONNECTIONS.
search() {
  local rate=$first_rate low=0 high=0 trials
  rm -f "$work/best.$1"
  for ((trials = 0; trials < kMaxTrials; ++trials)); do
    trial "$1" "$rate"
    if [[ $(jq .sustained "$work/result") == true ]]; then
      low=$rate
      mv "$work/result" "$work/best.$1"
      rate=$((high == 0 ? low * 2 : low * kPrecision / 100 + 1))
    else
      high=$rate
      rate=$(jq '.completed_s * 0.97 | floor' "$work/result")
      [[ $rate -gt $low ]] || rate=$(((low + high) / 2))
      [[ $((rate * kPrecision)) -lt $((high * 100)) ]] || rate=$((high * 100 / kPrecision))
    fi
    [[ -z $once && $rate -ge 1 ]] || break
    [[ $high -eq 0 || $((high * 100)) -gt $((low * kPrecision + 100)) ]] || break
  done
  [[ -f $work/best.$1 ]] || die "bench: no rate was sustained with $1 connections"
}

print_setup() {
  print_machine "$work"
  echo "stored       $stored orders before"
  echo "load         mix $mix, $lines lines an order"
  echo "trials       $seconds s each, open orders compared with those after $mark s"
}

# report CONNECTIONS: both of its runs, the best and the one at the share.
report() {
  jq -r -n --slurpfile best "$work/best.$1" --slurpfile calm "$work/calm.$1" '
    def fixed(n): . * pow(10; n) | round / pow(10; n);
    $best[0] as $b | $calm[0] as $c |
    "\($b.connections) connections",
    "  sustained rate                    \($b.rate) orders/s",
    "  accepted                          \($b.accepted_s | fixed(0)) orders/s",
    "  completed (in the store)          \($b.completed_s | fixed(0)) orders/s",
    "  5xx                               \($b.server_errors)",
    "  POST at \($c.rate)/s                    p50 \($c.post_ms.p50 | fixed(1)) ms, p99 \($c.post_ms.p99 | fixed(1)) ms",
    "  to completion at \($c.rate)/s           p50 \($c.whole_ms.p50) ms, p99 \($c.whole_ms.p99) ms",
    "  CPU, server                       \($b.server_cpu | fixed(3)) s per 1,000 orders, \($c.server_cpu | fixed(3)) at \($c.rate)/s",
    "  CPU, client                       \($b.client_cpu | fixed(3)) s per 1,000 orders",
    "  peak resident memory              \($b.rss_mib | fixed(0)) MiB",
    "  on disk                           \($b.bytes_per_order | fixed(0)) bytes per order"'
}

check_floors() {
  [[ -n $floors ]] || return 0
  [[ -f $work/best.$kFloorConnections ]] || return 0
  local completed=${kFloorCompleted[$mix]:-0}
  jq -e --argjson completed "$completed" --argjson bytes "$kFloorBytes" \
    '.completed_s >= $completed and .bytes_per_order <= $bytes and .server_errors == 0' \
    "$work/best.$kFloorConnections" >/dev/null ||
    die "bench: below a floor: $completed completed/s at $kFloorConnections connections," \
      "$kFloorBytes bytes per order"
  if ((completed > 0)); then
    say "bench: above the floors of $completed completed/s and $kFloorBytes bytes per order"
  else
    say "bench: within $kFloorBytes bytes per order (there is no floor for mix $mix)"
  fi
}

make_first
for count in $connections; do
  search "$count"
  calm=$(($(jq .rate "$work/best.$count") * share / 100))
  trial "$count" "$calm" "$profile"
  mv "$work/result" "$work/calm.$count"
  if [[ -n $profile ]]; then bench/profile-report "$work/trial/perf.data" >"$work/profile.$count"; fi
  [[ -z $results ]] || jq -s . "$work/best.$count" "$work/calm.$count" >>"$results"
done
print_setup
for count in $connections; do
  echo
  report "$count"
  if [[ -n $profile ]]; then cat "$work/profile.$count"; fi
done
echo
print_disk "$work/trial/data.db"
check_floors
