#!/usr/bin/env bash
# The smallest Debian root: what the node's and the Python servers' images are derived from.
. "$(dirname "$0")/lib.sh"

mkdir -p "$ROOTS"
# A run that was stopped half way leaves only the .tmp folder, never a root that looks whole.
rm -rf "$ROOTS/minbase.tmp"
debootstrap --variant=minbase --include=ca-certificates "$DEBIAN_SUITE" "$ROOTS/minbase.tmp"
rm -rf "$ROOTS/minbase"
mv "$ROOTS/minbase.tmp" "$ROOTS/minbase"
