#!/usr/bin/env bash
# Two commits against each other, in turns, so that what the machine does hits both alike.
#
#   ./dev bench compare A B [OPTIONS]
#
#   --rounds 5          trials of each
#   --seconds 10        length of a trial
#   --connections 256
#   --mix plain         of the load: see conveyor load run --help
#   --stored 0          orders that the data file holds already, all completed
#
# A and B are commits, or `.` for the working tree. Each is built in a folder of its own, kept under
# .bench/. A trial is a new server on a new data file (or a copy of one with --stored orders, made by
# that commit) and `conveyor load run --rate max` of the working tree: each connection sends its next
# order when it has the answer to the one before. Prints, for each commit, the median and the spread
# of orders a second, server CPU and the p99 of the POST, and B's medians in percent of A's. Every
# data file is verified by the program that wrote it.
set -euo pipefail
source scripts/lib.sh
source bench/server

rounds=5 seconds=10 connections=256 mix=plain stored=0 commits=()
while [[ $# -gt 0 ]]; do
  case $1 in
    --rounds | --seconds | --connections | --mix | --stored)
      [[ $# -ge 2 ]] || usage_error "$1 needs a value"
      printf -v "${1#--}" %s "$2"
      shift
      ;;
    -*) usage_error "unknown argument: $1" ;;
    *) commits+=("$1") ;;
  esac
  shift
done
[[ ${#commits[@]} -eq 2 ]] || usage_error "two commits, or . for the working tree"
for number in "$rounds" "$seconds" "$connections"; do
  [[ $number =~ ^[1-9][0-9]*$ ]] || usage_error "not a number from 1: $number"
done
[[ $stored =~ ^(0|[1-9][0-9]*)$ ]] || usage_error "--stored: a whole number"

scripts/install build bench
build_preset release conveyor
readonly client=$PWD/build/conveyor
mkdir -p .bench
work=$(mktemp -d "$PWD/.bench/compare.XXXXXX")
clean_up() {
  if [[ -n $server_pid ]]; then kill -9 "$server_pid" 2>/dev/null || true; fi
  rm -rf -- "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# program_of COMMIT: builds it if need be; prints the path of its program.
program_of() {
  if [[ $1 == . ]]; then
    echo "$client"
    return
  fi
  local hash folder
  hash=$(git rev-parse --verify --quiet "$1^{commit}") || die "bench: no such commit: $1"
  folder=$PWD/.bench/commit-$hash
  if [[ ! -x $folder/build/conveyor ]]; then
    rm -rf -- "$folder"
    mkdir "$folder"
    git archive "$hash" | tar -x -C "$folder"
    (cd "$folder" && CONVEYOR_DASHBOARD=off cmake --preset release >&2 &&
      cmake --build build --target conveyor >&2) || die "bench: $1 does not build"
  fi
  echo "$folder/build/conveyor"
}

# load DIR ARGS...: orders of two lines over 1,000 SKUs; the client's report, JSON.
load() {
  local status=0
  "$client" load run --server "$server_url" --rate max --connections "$connections" --lines 2 \
    --skus 1000 --mix "$mix" -o json "${@:2}" 2>"$1/client.err" || status=$?
  [[ $status -eq 0 || $status -eq 8 ]] || die "bench: load run: $(<"$1/client.err")"
}

# make_first PROGRAM FILE: what the trials of a commit begin with.
make_first() {
  local dir=$work/first
  mkdir "$dir"
  start_server "$1" "$dir"
  stock_up "$client" "$dir"
  if [[ $stored -gt 0 ]]; then load "$dir" --duration 86400 --orders "$stored" >/dev/null; fi
  stop_server
  mv "$dir/data.db" "$2"
  rm -rf -- "$dir"
}

# trial INDEX PROGRAM: appends its result, JSON, to $work/results.INDEX.
trial() {
  local dir=$work/trial before after
  rm -rf -- "$dir"
  mkdir "$dir"
  cp -- "$work/first.$1" "$dir/data.db"
  start_server "$2" "$dir"
  before=$(cpu_seconds "$server_pid")
  load "$dir" --duration "$seconds" >"$dir/client"
  after=$(cpu_seconds "$server_pid")
  stop_server
  verify_file "$2" "$dir/data.db" >/dev/null
  jq -c --argjson seconds "$seconds" --argjson cpu "$after" --argjson cpu_before "$before" '
    { rate: (.acknowledged / $seconds), cpu: (($cpu - $cpu_before) * 1000 / .acknowledged),
      p99: .post_ms.p99 }' "$dir/client" >>"$work/results.$1"
  say "${commits[$1]}: $(tail -n 1 "$work/results.$1")"
}

programs=()
for i in 0 1; do
  programs+=("$(program_of "${commits[i]}")")
  make_first "${programs[i]}" "$work/first.$i"
done
for ((round = 0; round < rounds; ++round)); do
  # Each is the first of a pair as often as the other.
  for i in $((round % 2)) $(((round + 1) % 2)); do trial "$i" "${programs[i]}"; done
done
jq -n -r --slurpfile a "$work/results.0" --slurpfile b "$work/results.1" \
  --arg a_name "${commits[0]}" --arg b_name "${commits[1]}" '
  def median: sort | if length % 2 == 1 then .[length / 2 | floor]
    else (.[length / 2 - 1] + .[length / 2]) / 2 end;
  def fixed: . * 1000 | round / 1000;
  def row(name; key): ($a | map(.[key])) as $x | ($b | map(.[key])) as $y |
    "| \(name) | \($x | median | fixed) (\($x | min | fixed) to \($x | max | fixed)) " +
    "| \($y | median | fixed) (\($y | min | fixed) to \($y | max | fixed)) " +
    "| \(($y | median) * 100 / ($x | median) | round) % |";
  "", "| | \($a_name) | \($b_name) | |", "|---|---|---|---|",
  row("orders/s"; "rate"), row("server CPU, s per 1,000 orders"; "cpu"), row("POST p99, ms"; "p99")'
