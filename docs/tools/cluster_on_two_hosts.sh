#!/bin/bash
# Replay recorded pages on a cluster whose scheduler and node are on another host, and cut the network for a minute.
#
#   bash docs/tools/cluster_on_two_hosts.sh [PAGES]
#
# The hosts are two network namespaces of this machine, joined by a pair of virtual Ethernet devices, with certificates as
# docs/cluster.md makes them. Needs root, iproute2 and openssl.
set -euo pipefail
cd "$(dirname "$0")/../.."
pages=${1:-2000} work=$(mktemp -d) near=wirewatch-a$$ far=wirewatch-n$$
pids=() # of programs: `on` in the background would be a shell, whose end does not end them
finish() { kill "${pids[@]}" 2> /dev/null || true; wait; ip netns del "$near"; ip netns del "$far"; rm -rf "$work"; }
trap finish EXIT
on() { ip netns exec "$@"; }
say() { echo "$(date +%T) $*"; }

ip netns add "$near" && ip netns add "$far"
ip link add eth0 netns "$near" type veth peer name eth0 netns "$far"
for host in "$near 10.213.0.1" "$far 10.213.0.2"; do
    set -- $host
    on "$1" ip link set lo up && on "$1" ip addr add "$2/24" dev eth0 && on "$1" ip link set eth0 up
done

mkdir "$work/tls" && (cd "$work/tls"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj /CN=wirewatch-cluster -keyout ca-key.pem -out ca.pem
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=node-1 -keyout key.pem -out node-1.csr
    openssl x509 -req -in node-1.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 825 -out cert.pem) 2> /dev/null
.venv/bin/python -c "import sys; from pathlib import Path; from benchmarks.support.sites.recorded_files import record_files, write_sources
made = record_files(Path(sys.argv[1], 'warc'), files=1, pages=int(sys.argv[2]))
for data in 'local', 'cluster': write_sources(Path(sys.argv[1], data), made.outlets)" "$work" "$pages"

ip netns exec "$far" .venv/bin/dask scheduler --protocol tls --host 10.213.0.2 --port 8786 --dashboard-address 127.0.0.1:8787 \
    --tls-ca-file "$work/tls/ca.pem" --tls-cert "$work/tls/cert.pem" --tls-key "$work/tls/key.pem" > "$work/scheduler.log" 2>&1 &
pids+=($!)
until on "$near" bash -c '</dev/tcp/10.213.0.2/8786' 2> /dev/null; do sleep 1; done
ip netns exec "$far" .venv/bin/scrapy worker tls://10.213.0.2:8786 --certificates "$work/tls" --processes 1 > "$work/node.log" 2>&1 &
pids+=($!)
until grep -q Connected "$work/node.log"; do sleep 1; done
say "scheduler and node run on the other host"

replay() { WIREWATCH_DATA_DIR="$work/$1" on "$near" .venv/bin/scrapy replay "$work"/warc/*.warc.gz "${@:2}"; }
(replay cluster --cluster tls://10.213.0.2:8786 --certificates "$work/tls" 2>&1 | while read -r line; do say "replay: $line"; done) &
replaying=$!
stored() { .venv/bin/python -c "import sqlite3, sys
try: print(sqlite3.connect(f'file:{sys.argv[1]}?mode=ro', uri=True).execute('SELECT count(*) FROM articles').fetchone()[0])
except sqlite3.OperationalError: print(0)" "$work/cluster/archive.db"; }
until [ "$(stored)" -gt $((pages / 10)) ]; do sleep 1; done
on "$near" ip link set eth0 down; say "link down: $(stored) articles stored"
sleep 60
on "$near" ip link set eth0 up; say "link up: $(stored) articles stored"
wait "$replaying"
say "done: $(stored) articles stored"; sed 's/^/node: /' "$work/node.log"
replay local > /dev/null
.venv/bin/python -c "import sys; from pathlib import Path; from benchmarks.support.archive_contents import contents_of
assert contents_of(Path(sys.argv[1], 'local')) == contents_of(Path(sys.argv[1], 'cluster')), 'the archives differ'" "$work"
say "the archive is equal to that of a local replay"
for data in local cluster; do WIREWATCH_DATA_DIR="$work/$data" .venv/bin/scrapy archive check; done
