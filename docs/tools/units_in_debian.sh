#!/bin/bash
# Run the units of docs/systemd in a booted Debian; install_in_debian.sh starts it there as root and shows what it prints.
# A loopback outlet and a mail server stand for those of the user.
set -euo pipefail
cd /srv/wirewatch
say() { echo "== $*"; }
as_user() { setpriv --reuid=wirewatch --regid=wirewatch --clear-groups env HOME=/srv/wirewatch XDG_CACHE_HOME=/var/cache "$@"; }
state() { systemctl show "$1" -p ActiveState -p Result -p NRestarts -p MainPID; }
count() { as_user .venv/bin/python -c "import sqlite3, sys
print(sqlite3.connect('file:data/archive.db?mode=ro', uri=True).execute(sys.argv[1]).fetchone()[0])" "$1"; }
until_true() { # SECONDS COMMAND…
    local seconds=$1 start=$SECONDS; shift
    until "$@" 2> /dev/null; do [ $((SECONDS - start)) -lt "$seconds" ] || { say "not within $seconds s: $*"; return 1; }; sleep 1; done
    say "after $((SECONDS - start)) s: ${*: -1}"
}
has_at_least() { [ "$(count "$2")" -ge "$1" ]; }
is_restarted() { [ "$(systemctl show "$1" -p NRestarts --value)" -ge "$2" ] && systemctl --quiet is-active "$1"; }
trap 'say "failed in line $LINENO"; journalctl --no-pager -n 40 -u "wirewatch*" -o cat || true' ERR

cat > /run/outlet.py << 'EOF'
import time
from datetime import datetime, timezone
from pathlib import Path
from schedules.demo.outlets import LEDGER
from schedules.demo.server import DemoWeb
with DemoWeb(now=datetime.now(timezone.utc)) as web:
    Path("/run/outlet/url").write_text(web.base(LEDGER))
    while True:
        time.sleep(60)
EOF
install -d -o wirewatch /run/outlet
systemd-run --quiet --uid=wirewatch --working-directory="$PWD" --unit=outlet .venv/bin/python -c 'exec(open("/run/outlet.py").read())'
systemd-run --quiet --uid=wirewatch --unit=mail /srv/wirewatch/.venv/bin/python -m aiosmtpd -n -l 127.0.0.1:2525 -c aiosmtpd.handlers.Mailbox /run/outlet/mail
until_true 120 test -s /run/outlet/url
install -d -m 700 /etc/wirewatch
install -d -o wirewatch -m 700 /var/backups/wirewatch
install -d -o wirewatch /var/cache/wirewatch /var/lib/prometheus/node-exporter
install -m 600 /dev/stdin /etc/wirewatch.env << 'EOF'
WIREWATCH_BACKUP_DIR=/var/backups/wirewatch
WIREWATCH_METRICS_FILE=/var/lib/prometheus/node-exporter/wirewatch.prom
WIREWATCH_MONITOR_INTERVAL=5
EOF
as_user .venv/bin/scrapy setup --allow-private --contact desk@example.org --outlet "$(cat /run/outlet/url)/" --topic "troops, prisoner swap" \
    --recipient desk@example.org --timezone Europe/Kyiv --smtp-url "smtp://127.0.0.1:2525?from=wirewatch@example.org"

say "the monitor starts, crawls, flags, writes metrics"
before=$SECONDS; systemctl start wirewatch; say "systemctl start: $((SECONDS - before)) s"
systemctl show wirewatch -p Type -p WatchdogUSec -p MemoryMax -p ActiveState -p ProtectSystem
until_true 300 has_at_least 7 "SELECT count(*) FROM articles"
until_true 120 has_at_least 1 "SELECT count(*) FROM alerts"
until_true 180 test -s /var/lib/prometheus/node-exporter/wirewatch.prom
[ -z "$(find /srv/wirewatch -newer /run/outlet/url -not -path '*/data*' -type f)" ]

say "Datasette serves the archive"
systemctl start wirewatch-datasette
until_true 60 .venv/bin/python -c 'import urllib.request as web; assert b"What is new" in web.urlopen("http://127.0.0.1:8001/").read()'

say "a killed monitor is started again"
kill -9 "$(systemctl show wirewatch -p MainPID --value)"
until_true 60 is_restarted wirewatch 1

say "a monitor that hangs is started again"
mkdir -p /run/systemd/system/wirewatch.service.d
printf '[Service]\nWatchdogSec=20\nTimeoutStopSec=10\n' > /run/systemd/system/wirewatch.service.d/short.conf
systemctl daemon-reload && systemctl restart wirewatch
sleep 45; systemctl --quiet is-active wirewatch; [ "$(systemctl show wirewatch -p NRestarts --value)" = 0 ] && say "no restart in 45 s with WatchdogSec=20"
kill -STOP "$(systemctl show wirewatch -p MainPID --value)"
until_true 120 is_restarted wirewatch 1
rm -r /run/systemd/system/wirewatch.service.d && systemctl daemon-reload

say "systemctl stop ends it cleanly"
before=$SECONDS; systemctl stop wirewatch wirewatch-datasette; say "systemctl stop: $((SECONDS - before)) s"
state wirewatch; [ "$(systemctl show wirewatch -p Result --value)" = success ]
if grep -qs 'bin/[s]crapy' /proc/[0-9]*/cmdline; then say "a child outlived the monitor"; false; fi
as_user .venv/bin/scrapy archive check

say "the unit may write backups"
mkdir -p /run/systemd/system/wirewatch.service.d
printf '[Service]\nType=oneshot\nRestart=no\nExecStart=\nExecStart=/srv/wirewatch/.venv/bin/scrapy archive backup /var/backups/wirewatch/wirewatch-1\n' \
    > /run/systemd/system/wirewatch.service.d/backup.conf
systemctl daemon-reload && systemctl start wirewatch && test -s /var/backups/wirewatch/wirewatch-1/backup.json
rm -r /run/systemd/system/wirewatch.service.d && systemctl daemon-reload

say "a mistake in a file ends it, and systemd does not start it again"
cp data/sources.toml /run/sources.toml && echo 'x =' >> data/sources.toml
systemctl start wirewatch || true
sleep 12; state wirewatch; [ "$(systemctl show wirewatch -p ActiveState --value)" = failed ]
journalctl --no-pager -n 4 -u wirewatch -o cat
cp /run/sources.toml data/sources.toml

say "scheduler and node, with certificates as in docs/cluster.md"
install -d -o wirewatch -m 700 /etc/wirewatch/tls && chmod 755 /etc/wirewatch
(cd /etc/wirewatch/tls
 openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj /CN=wirewatch-cluster -keyout ca-key.pem -out ca.pem
 openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=node-1 -keyout key.pem -out node-1.csr
 openssl x509 -req -in node-1.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 825 -out cert.pem
 chown wirewatch ./*) 2> /dev/null
echo "127.0.0.1 scheduler.example" >> /etc/hosts
systemctl start wirewatch-node wirewatch-scheduler
until_true 120 sh -c 'journalctl -u wirewatch-node -o cat | grep -q "Connected to tls://scheduler.example:8786"'
install -d -o wirewatch /run/outlet/again && cp data/sources.toml /run/outlet/again/
as_user env WIREWATCH_DATA_DIR=/run/outlet/again .venv/bin/scrapy replay data/warc/*.warc.gz --cluster tls://scheduler.example:8786 --certificates /etc/wirewatch/tls
systemctl stop wirewatch-node wirewatch-scheduler; state wirewatch-node; state wirewatch-scheduler

say "systemd-analyze"
for unit in wirewatch wirewatch-datasette wirewatch-scheduler wirewatch-node; do
    systemd-analyze verify "$unit.service"
    systemd-analyze security "$unit.service" | tail -1
done
say "all units ran"
