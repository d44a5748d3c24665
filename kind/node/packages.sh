#!/usr/bin/env bash
# The node's packages on top of the smallest root. Needs no Kubernetes: runs beside its build.
. "$(dirname "$0")/lib.sh"

derive minbase node-packages.tmp
mapfile -t packages < <(grep -v '^#' "$HERE/packages")
add_packages "$ROOTS/node-packages.tmp" "${packages[@]}"
slim "$ROOTS/node-packages.tmp"
rm -rf "$ROOTS/node-packages"
mv "$ROOTS/node-packages.tmp" "$ROOTS/node-packages"
