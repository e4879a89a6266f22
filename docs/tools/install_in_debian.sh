#!/bin/sh
# Follow docs/how-to/install.md and run-continuously.md in a bare Debian 12 that mmdebstrap makes.
#
#   sh docs/tools/install_in_debian.sh [install] [boot] [image]
#
# install: `make install`, the demo, backup and restore, with nothing but the packages that the page names.
# boot:    the same system, booted with systemd in systemd-nspawn; docs/tools/units_in_debian.sh runs the units (systemd-container).
# image:   `Containerfile` on a base image of mmdebstrap; the image crawls, runs the monitor and Datasette (buildah).
#
# Needs root, 10 GB in TMPDIR and some minutes; no registry of images. Without arguments: all three.
set -eu
checkout=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
root=$work/root
trap 'rm -rf --one-file-system "$work"' EXIT
mkdir "$root"

made_root() { # VARIANT PACKAGES
    mmdebstrap --quiet --variant="$1" --include="$2" bookworm "$root"
    # The name server, certificates and package index of this machine, if it has its own.
    cp /etc/resolv.conf /etc/hosts "$root/etc/"
    cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
    printf '[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n' > "$root/etc/pip.conf"
}
in_root() { chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive sh -euc "$1"; }
as_user() { in_root "cd /srv/wirewatch && HOME=/srv/wirewatch setpriv --reuid=wirewatch --regid=wirewatch --clear-groups $1"; }

try_install() {
    made_root apt ca-certificates
    chmod 1777 "$root/dev/shm" # a running system has a tmpfs here; child processes share semaphores in it
    git clone --quiet "$checkout" "$root/srv/wirewatch"
    in_root 'apt-get -qq update && apt-get -qq install -y git make python3-venv > /dev/null'
    in_root 'cd /srv/wirewatch && make install'
    in_root 'useradd --system --home /srv/wirewatch --shell /usr/sbin/nologin wirewatch
             chown -R wirewatch: /srv/wirewatch && chmod 700 /srv/wirewatch/data'
    as_user '.venv/bin/scrapy version'
    as_user '.venv/bin/scrapy demo' > "$work/demo.log" 2>&1 || { tail -20 "$work/demo.log"; exit 1; }
    as_user 'env WIREWATCH_DATA_DIR=/srv/wirewatch/data/demo .venv/bin/scrapy archive check'
    as_user 'env WIREWATCH_DATA_DIR=/srv/wirewatch/data/demo .venv/bin/scrapy archive backup demo-backup-1'
    as_user '.venv/bin/scrapy archive restore demo-backup-1 --to restored'
    echo "install: installed, ran the demo, backed up and restored in a bare Debian."
}

try_boot() {
    in_root 'apt-get -qq install -y --no-install-recommends systemd-sysv > /dev/null'
    cp "$root"/srv/wirewatch/docs/systemd/*.service "$root/etc/systemd/system/"
    cat > "$root/etc/systemd/system/trial.service" << EOF
[Unit]
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'bash /srv/wirewatch/docs/tools/units_in_debian.sh > /trial.log 2>&1; echo \$? > /trial.status'
ExecStopPost=/bin/systemctl poweroff --no-block
[Install]
WantedBy=multi-user.target
EOF
    in_root 'systemctl --quiet enable trial.service && rm -f /trial.log /trial.status'
    systemd-nspawn --quiet --directory="$root" --register=no --keep-unit --private-network --boot < /dev/null > "$work/console.log" 2>&1
    cat "$root/trial.log"
    test "$(cat "$root/trial.status")" = 0
    echo "boot: the units ran under systemd."
}

try_image() {
    rm -rf --one-file-system "$root" && mkdir "$root"
    made_root minbase ca-certificates
    store="--root $work/images --runroot $work/run"
    base=$(buildah $store from scratch)
    buildah $store add --quiet "$base" "$root" /
    buildah $store commit --quiet "$base" localhost/debian > /dev/null
    buildah $store rm "$base" > /dev/null
    git clone --quiet "$checkout" "$work/checkout"
    buildah $store bud --quiet --isolation chroot --build-arg BASE=localhost/debian --tag wirewatch "$work/checkout"
    buildah $store images
    box=$(buildah $store from localhost/wirewatch)
    install -d -o 1000 "$work/data"
    in_image() { buildah $store run --isolation chroot --volume "$work/data:/data" "$box" -- "$@"; }
    in_image scrapy version
    in_image scrapy init
    in_image scrapy demo > "$work/demo.log" 2>&1 || { tail -20 "$work/demo.log"; exit 1; }
    in_image env WIREWATCH_DATA_DIR=/data/demo scrapy archive check
    # No outlet of the demo is served any more: the crawls fail, and the monitor goes on and ends as asked.
    in_image sh -c 'export WIREWATCH_DATA_DIR=/data/demo; timeout --preserve-status 60 scrapy monitor'
    in_image sh -c 'datasette /data/demo --port 8001 > /dev/null 2>&1 & sleep 15
        python -c "import urllib.request as web; assert b\"What is new\" in web.urlopen(\"http://127.0.0.1:8001/\").read()"; kill $!'
    echo "image: built; the demo, the monitor and Datasette ran in it."
}

for step in ${*:-install boot image}; do "try_$step"; done
