#!/usr/bin/env bash
# What a million orders behind it cost the server: its start, lists, reads, throughput and memory.
#
#   ./dev bench scale [OPTIONS]
#
#   --stored 1000000   final orders in the file: of 800, 100 are failed and 8 cancelled
#   --seconds 20       length of a trial, and of reading under half load
#   --rounds 3         trials on each file
#   --connections 256  of a trial
#   --samples 1000     requests of each page
#   --dir DIR          where data files are (default: .bench in the clone)
#   --no-floors        do not fail below the floors
#
# The file is made by the product's own batch processor and store (bench/fill.cpp), once for each
# version of the schema and number of orders: 1,000,000 of them take about 3 GB and some minutes, and
# stay in DIR. What is measured is a copy. The trials, `conveyor load run --rate max`, go on in that
# copy, in turns with ones that begin on a file without orders. At the end all of it is verified.
# docs/performance.md says how to read what is printed.
set -euo pipefail
source scripts/lib.sh
source bench/server

readonly kPage=1000            # of failed orders, 50 each; the last full one if there are fewer
readonly kReads=100            # of single orders a second, under half load
readonly kColdSeconds=5         # of the same without load, while the file is not in memory
readonly kIds=10000            # from which those are drawn
readonly kLoadedSamples=200    # requests of each page under half load
readonly kIdleSeconds=10 kSettleSeconds=3
readonly kMaxReadyMs=2000 kMaxPageMs=5 kMaxReadMs=3 kLeastShare=70 kMaxMemoryMb=150
readonly kMaxIdlePercent=1 kMaxIdleMb=40

stored=1000000 seconds=20 rounds=3 connections=256 samples=1000 folder=.bench floors=1
while [[ $# -gt 0 ]]; do
  case $1 in
    --stored | --seconds | --rounds | --connections | --samples | --dir)
      [[ $# -ge 2 ]] || usage_error "$1 needs a value"
      case $1 in
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
for number in "$stored" "$seconds" "$rounds" "$connections" "$samples"; do
  [[ $number =~ ^[1-9][0-9]*$ ]] || usage_error "not a number from 1: $number"
done
# Below that there is no full page of failed orders.
[[ $stored -ge 800 ]] || usage_error "--stored: a number from 800"

scripts/install build bench
build_preset release conveyor conveyor-bench-fill conveyor-bench-read
readonly program=$PWD/build/conveyor reader=$PWD/build/conveyor-bench-read
mkdir -p "$folder"
folder=$(realpath -- "$folder")
work=$(mktemp -d "$folder/scale.XXXXXX")
load_pid=''
clean_up() {
  if [[ -n $load_pid ]]; then kill -9 "$load_pid" 2>/dev/null || true; fi
  if [[ -n $server_pid ]]; then kill -9 "$server_pid" 2>/dev/null || true; fi
  rm -rf -- "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

schema=$("$program" version | sed -n 's/.*(data version \([0-9]*\)).*/\1/p')
readonly first=$folder/scale-v$schema-$stored.db

# fill FILE ORDERS
fill() {
  rm -f -- "$1.partial" "$1.partial-wal" "$1.partial-shm"
  build/conveyor-bench-fill "$1.partial" "$2" || die "bench: no file with $2 orders"
  rm -f -- "$1.partial.lock"
  mv -- "$1.partial" "$1"
}

# start_timed DIR: start_server, and ready_ms from calling it until it was ready.
start_timed() {
  local before ready
  before=$(date +%s%N)
  start_server "$program" "$1"
  ready=$(stat -c %.9Y "$1/ready")
  ready_ms=$(((${ready/./} - before) / 1000000))
}

# idle DIR: starts a server there; the share of a core that it takes and its memory, JSON.
idle() {
  local before after rss
  start_server "$program" "$1"
  sleep "$kSettleSeconds"
  before=$(cpu_seconds "$server_pid")
  sleep "$kIdleSeconds"
  after=$(cpu_seconds "$server_pid")
  rss=$(memory_of "$server_pid" VmRSS)
  stop_server
  jq -n --argjson cpu "$after" --argjson before "$before" --argjson seconds "$kIdleSeconds" \
    --argjson rss "$rss" '{ percent: (($cpu - $before) * 100 / $seconds), mb: ($rss * 1.024e-3) }'
}

note_memory() {
  local now
  now=$(memory_of "$server_pid" VmHWM)
  [[ $now -le $memory ]] || memory=$now
}
memory=0  # the most of any server on the copy, KiB

# trial NAME: appends orders a second on that file to $work/NAME.rates.
trial() {
  local dir=$work/$1 status=0
  if [[ $1 == empty ]]; then
    rm -rf -- "$dir"
    mkdir "$dir"
    cp -- "$work/empty.db" "$dir/data.db"
  fi
  start_server "$program" "$dir"
  "$program" load run --server "$server_url" --rate max --connections "$connections" --lines 2 \
    --skus 1000 --duration "$seconds" -o json >"$dir/client" 2>"$dir/client.err" || status=$?
  [[ $status -eq 0 ]] || die "bench: load run: $(<"$dir/client.err")"
  [[ $1 == empty ]] || note_memory
  stop_server
  [[ $1 != empty ]] || verify_file "$program" "$dir/data.db" >/dev/null
  jq --argjson seconds "$seconds" '.acknowledged / $seconds' "$dir/client" >>"$work/$1.rates"
  say "$1: $(tail -n 1 "$work/$1.rates") orders/s"
}

# under_load DIR RATE: reads of single orders, then of pages, while orders come at that rate.
under_load() {
  local status=0
  sync  # else the kernel writes what the trials have left
  start_server "$program" "$1"
  sleep "$kSettleSeconds"  # by then it knows its keys
  "$program" load run --server "$server_url" --rate "$2" --connections "$connections" --lines 2 \
    --skus 1000 --duration $((2 * seconds)) -o json >"$1/client" 2>"$1/client.err" &
  load_pid=$!
  "$reader" orders "$server_url" "$work/ids" "$kReads" "$seconds" >"$work/reads" ||
    die "bench: an order could not be read"
  "$reader" pages "$server_url" "/v1/orders?status=failed&limit=50" "$kPage" "$kLoadedSamples" \
    >"$work/loaded" || die "bench: a page could not be read"
  wait "$load_pid" || status=$?
  load_pid=
  [[ $status -eq 0 ]] || die "bench: load run: $(<"$1/client.err")"
  note_memory
  stop_server
}

report() {
  jq -r '
    def fixed(n): . * pow(10; n) | round / pow(10; n);
    def p99: "p50 \(.p50 | fixed(2)) ms, p99 \(.p99 | fixed(2)) ms, most \(.max | fixed(1)) ms";
    "idle, without orders              \(.idle.percent | fixed(2)) % of a core, \(.idle.mb | fixed(0)) MB",
    "idle, on the file                 \(.idle_stored.percent | fixed(2)) % of a core, \(.idle_stored.mb | fixed(0)) MB",
    "start to ready                    \(.ready_ms) ms, file not in memory; \(.ready_warm_ms) ms again",
    "failed orders, page 1             \(.pages.first_ms | p99)",
    "failed orders, page \(.pages.page)          \(.pages.page_ms | p99)",
    "one order, file not in memory    \(.cold.orders_ms | p99)",
    "one order at \(.half) orders/s       \(.reads.orders_ms | p99)",
    "page 1 at \(.half) orders/s          \(.loaded.first_ms | p99)",
    "page \(.loaded.page) at \(.half) orders/s       \(.loaded.page_ms | p99)",
    "orders a second                   \(.rate | fixed(0)), \(.share | fixed(0)) % of \(.rate_empty | fixed(0)) on a file without orders",
    "peak resident memory              \(.memory_mb | fixed(0)) MB",
    "verified                          \(.verified) (\(.verify_s) s)"' "$work/result"
}

check_floors() {
  [[ -n $floors ]] || return 0
  jq -e --argjson ready "$kMaxReadyMs" --argjson page "$kMaxPageMs" --argjson read "$kMaxReadMs" \
    --argjson share "$kLeastShare" --argjson memory "$kMaxMemoryMb" \
    --argjson idle "$kMaxIdlePercent" --argjson idle_mb "$kMaxIdleMb" '
    .ready_ms <= $ready and .pages.first_ms.p99 <= $page and .pages.page_ms.p99 <= $page and
    .reads.orders_ms.p99 <= $read and .share >= $share and .memory_mb <= $memory and
    .idle.percent < $idle and .idle.mb <= $idle_mb' "$work/result" >/dev/null ||
    die "bench: below a floor: ready in $kMaxReadyMs ms, pages within $kMaxPageMs ms and one order" \
      "within $kMaxReadMs ms (p99), $kLeastShare % of the rate, $kMaxMemoryMb MB;" \
      "idle less than $kMaxIdlePercent % of a core and $kMaxIdleMb MB"
  say "bench: above the floors of scale"
}

[[ -f $first ]] || timed "make $stored orders" fill "$first" "$stored"
fill "$work/empty.db" 0
mkdir "$work/idle" "$work/stored"
say "idle"
idle "$work/idle" >"$work/idle.json"

cp --reflink=auto -- "$first" "$work/stored/data.db"
sync -- "$work/stored/data.db"
idle "$work/stored" >"$work/idle_stored.json"
sqlite3 -batch "file:$work/stored/data.db?mode=ro" \
  "SELECT lower(hex(id)) FROM orders ORDER BY random() LIMIT $kIds" >"$work/ids"
say "start, and pages of failed orders"
# Out of the page cache, all of it, for the start and some reads; then back again, as the copy had
# left it.
dd if="$work/stored/data.db" iflag=nocache count=0 status=none
start_timed "$work/stored"
cold=$ready_ms
"$reader" orders "$server_url" "$work/ids" "$kReads" "$kColdSeconds" >"$work/cold" ||
  die "bench: an order could not be read"
stop_server
cat -- "$work/stored/data.db" >/dev/null
start_timed "$work/stored"
"$reader" pages "$server_url" "/v1/orders?status=failed&limit=50" "$kPage" "$samples" \
  >"$work/pages" || die "bench: a page could not be read"
note_memory
stop_server

for ((round = 0; round < rounds; ++round)); do
  # Each is the first of a pair as often as the other.
  if [[ $((round % 2)) -eq 0 ]]; then names=(empty stored); else names=(stored empty); fi
  for name in "${names[@]}"; do trial "$name"; done
done
median() { jq -s 'sort | if length % 2 == 1 then .[length / 2 | floor] else (.[length / 2 - 1] + .[length / 2]) / 2 end' "$1"; }
rate=$(median "$work/stored.rates")
half=$(jq -n --argjson rate "$rate" '$rate / 2 | floor')
say "reads at $half orders/s"
under_load "$work/stored" "$half"
say "verify"
before=$SECONDS
verified=$(verify_file "$program" "$work/stored/data.db")
jq -n --slurpfile idle "$work/idle.json" --slurpfile idle_stored "$work/idle_stored.json" \
  --slurpfile pages "$work/pages" --slurpfile loaded "$work/loaded" --slurpfile reads "$work/reads" \
  --slurpfile cold "$work/cold" \
  --argjson ready "$cold" --argjson ready_warm "$ready_ms" --argjson half "$half" \
  --argjson rate "$rate" --argjson rate_empty "$(median "$work/empty.rates")" \
  --argjson memory "$memory" --arg verified "$verified" --argjson verify_s $((SECONDS - before)) '
  { idle: $idle[0], idle_stored: $idle_stored[0], ready_ms: $ready, ready_warm_ms: $ready_warm,
    pages: $pages[0], cold: $cold[0], reads: $reads[0], loaded: $loaded[0], half: $half, rate: $rate,
    rate_empty: $rate_empty, share: ($rate * 100 / $rate_empty), memory_mb: ($memory * 1.024e-3),
    verified: $verified, verify_s: $verify_s }' >"$work/result"
print_machine "$work"
echo "stored       $stored orders before, $(stat -c %s "$first") bytes"
echo "trials       $rounds of $seconds s on each file, $connections connections"
echo
report
echo
print_disk "$work/stored/data.db"
check_floors
