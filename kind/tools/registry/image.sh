#!/usr/bin/env bash
# image.sh NAME LABEL: the registry's image, its binary and configuration alone.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
name=$1 label=$2 work=$HIVEWRIGHT_CACHE/work/registry

rm -rf "$work"
mkdir -p "$work"
install -m 755 "$HIVEWRIGHT_CACHE/bin/registry" "$work/registry"
install -m 644 "$here/config.yml" "$work/config.yml"
tar -C "$work" -c . | docker import --change 'ENTRYPOINT ["/registry", "serve", "/config.yml"]' \
  --change "LABEL $label" - "$name"
