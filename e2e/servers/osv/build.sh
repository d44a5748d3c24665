#!/usr/bin/env bash
# build.sh NAME LABEL: an OSV server of our own on the MCP Python SDK, for machines that cannot pull
# the published image. Its tools, environment and default transport are as in the published one.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../../../kind/node/lib.sh"
name=$1 label=$2

derive minbase osv
R=$ROOTS/osv
add_packages "$R" python3 python3-pip
cp "$here/requirements.txt" "$R/tmp/requirements.txt"
in_root "$R" python3 -m pip install --break-system-packages --no-cache-dir \
  --no-deps --require-hashes -r /tmp/requirements.txt
in_root "$R" apt-get -q purge -y python3-pip python3-wheel
rm "$R/tmp/requirements.txt"
slim "$R"
install -D -m 644 "$here/osv_mcp.py" "$R/app/osv_mcp.py"
in_root "$R" python3 -m compileall -q /app
tar -C "$R" -c . | docker import --change 'ENTRYPOINT ["python3", "/app/osv_mcp.py"]' \
  --change 'USER 65532:65532' --change "LABEL $label" - "$name"
rm -rf "$R"
