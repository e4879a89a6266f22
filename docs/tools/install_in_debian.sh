#!/bin/sh
# Follow docs/how-to/install.md in a bare Debian: a root made by mmdebstrap, in which nothing but the base system is installed.
# Needs root, mmdebstrap and some minutes:  sh docs/tools/install_in_debian.sh
set -eu
checkout=$(cd "$(dirname "$0")/../.." && pwd)
root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root"' EXIT

mmdebstrap --quiet --variant=apt --include=ca-certificates bookworm "$root"
# The name server, certificates and package index of this machine, if it has its own.
cp /etc/resolv.conf /etc/hosts "$root/etc/"
cp -r /etc/ssl/certs "$root/etc/ssl/"
if [ -n "${PIP_CONFIG:-}" ]; then cp "$PIP_CONFIG" "$root/etc/pip.conf"; fi
chmod 1777 "$root/dev/shm"  # a running system has a tmpfs here; child processes share semaphores in it
git clone --quiet "$checkout" "$root/srv/wirewatch"

in_root() { chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive sh -euc "$1"; }
in_root 'apt-get -qq update && apt-get -qq install -y git make python3-venv > /dev/null'
in_root 'cd /srv/wirewatch && make install'
in_root 'useradd --system --home /srv/wirewatch --shell /usr/sbin/nologin wirewatch
         chown -R wirewatch: /srv/wirewatch && chmod 700 /srv/wirewatch/data'
as_user() { in_root "cd /srv/wirewatch && HOME=/srv/wirewatch setpriv --reuid=wirewatch --regid=wirewatch --clear-groups $1"; }
as_user '.venv/bin/scrapy version'
as_user '.venv/bin/scrapy demo' > "$root/demo.log" 2>&1 || { tail -20 "$root/demo.log"; exit 1; }
as_user 'env WIREWATCH_DATA_DIR=/srv/wirewatch/data/demo .venv/bin/scrapy archive check'
as_user 'env WIREWATCH_DATA_DIR=/srv/wirewatch/data/demo .venv/bin/scrapy archive backup demo-backup-1'
as_user '.venv/bin/scrapy archive restore demo-backup-1 --to restored'
echo "Installed, ran the demo, backed up and restored in a bare Debian."
