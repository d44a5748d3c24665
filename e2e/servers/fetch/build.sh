#!/usr/bin/env bash
# build.sh NAME LABEL: the fetch server from its PyPI package, for machines that cannot pull the
# published image. Root and the entry point are as in the published one.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../../../kind/node/lib.sh"
name=$1 label=$2

derive minbase fetch
R=$ROOTS/fetch
add_packages "$R" python3 python3-pip
cp "$here/requirements.txt" "$R/tmp/requirements.txt"
in_root "$R" python3 -m pip install --break-system-packages --no-cache-dir \
  --no-deps --require-hashes -r /tmp/requirements.txt
in_root "$R" apt-get -q purge -y python3-pip python3-wheel
rm "$R/tmp/requirements.txt"
slim "$R"
tar -C "$R" -c . | docker import --change 'ENTRYPOINT ["python3", "-m", "mcp_server_fetch"]' \
  --change "LABEL $label" - "$name"
rm -rf "$R"
