#!/usr/bin/env bash
# build.sh NAME LABEL: GitHub's own MCP server from its Go module, for machines that cannot pull the
# published image. Path, entry point and arguments are as in the published one.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
name=$1 label=$2 work=$HIVEWRIGHT_CACHE/work/github

version=$(cd "$here" && go list -m -f '{{.Version}}' github.com/github/github-mcp-server)
rm -rf "$work"
mkdir -p "$work"/server "$work"/etc/ssl/certs "$work"/tmp
chmod 1777 "$work/tmp"
cp -L /etc/ssl/certs/ca-certificates.crt "$work/etc/ssl/certs/"
(cd "$here" && CGO_ENABLED=0 GOWORK=off GOFLAGS=-mod=readonly go build -trimpath \
  -ldflags "-s -w -X main.version=$version" -o "$work/server/github-mcp-server" \
  github.com/github/github-mcp-server/cmd/github-mcp-server)
tar -C "$work" -c . | docker import --change 'ENTRYPOINT ["/server/github-mcp-server"]' \
  --change 'CMD ["stdio"]' --change "LABEL $label" - "$name"
rm -rf "$work"
