# shellcheck shell=bash
# Shared by the scripts that make root file systems; sourced, not run.
# Callers are given by the harness: HIVEWRIGHT_CACHE (where everything is kept) and PATH.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=versions
. "$HERE/versions"
: "${HIVEWRIGHT_CACHE:?set by the harness: run \`make up\`}"
ROOTS=$HIVEWRIGHT_CACHE/roots
# shellcheck disable=SC2034 # for the scripts that source this
BIN=$HIVEWRIGHT_CACHE/bin

# in_root ROOT COMMAND...: run inside a root file system, with this machine's resolver and
# certificates lent to it for as long as the command runs and no service started by its packages.
in_root() {
  local root=$1 status=0
  shift
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod 755 "$root/usr/sbin/policy-rc.d"
  cp -L /etc/resolv.conf "$root/etc/resolv.conf"
  cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/build-machine.crt"
  chroot "$root" env -u PIP_FIND_LINKS DEBIAN_FRONTEND=noninteractive LC_ALL=C \
    PIP_CERT=/etc/ssl/certs/build-machine.crt SSL_CERT_FILE=/etc/ssl/certs/build-machine.crt \
    REQUESTS_CA_BUNDLE=/etc/ssl/certs/build-machine.crt "$@" || status=$?
  rm -f "$root/usr/sbin/policy-rc.d" "$root/etc/resolv.conf" "$root/etc/ssl/certs/build-machine.crt"
  return "$status"
}

# add_packages ROOT PACKAGE...: install from the suite that the root was made of.
add_packages() {
  local root=$1
  shift
  in_root "$root" apt-get -q update
  in_root "$root" apt-get -q install -y --no-install-recommends "$@"
}

# slim ROOT: drop what no container reads.
slim() {
  rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/* "$1"/usr/share/{doc,man,locale,info} "$1"/var/log/*.log
}

# derive FROM TO: a copy of one root to change into another.
derive() {
  rm -rf "${ROOTS:?}/$2"
  cp -a "$ROOTS/$1" "$ROOTS/$2"
}
