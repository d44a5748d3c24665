#!/usr/bin/env bash
# A Docker engine for a Debian release whose own docker.io is too old: containerd, runc and iptables
# from the release, dockerd (and the client, if there is none) from unstable, unpacked into the cache
# and not installed. The private apt configuration leaves the machine's sources as they are; the
# release's keyring verifies what is fetched.
set -euo pipefail
: "${HIVEWRIGHT_CACHE:?set by the harness: run \`make up\`}"
export DEBIAN_FRONTEND=noninteractive

apt-get -q update
apt-get -q install -y --no-install-recommends --no-upgrade ca-certificates containerd runc iptables iproute2 util-linux

# The mirror that this machine uses for its own release.
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
# shellcheck disable=SC2016 # the dollar is apt's
mirror=$(apt-get indextargets --format '$(REPO_URI)' "Codename: $codename" 'Component: main' | sort -u | head -n 1)

apt=$HIVEWRIGHT_CACHE/apt
rm -rf "$apt"
mkdir -p "$apt"/{lists/partial,archives/partial,unpacked} "$HIVEWRIGHT_CACHE/bin"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" >"$apt/sources.list"
options=(
  -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=-
  -o Dir::State::lists="$apt/lists" -o Dir::Cache="$apt" -o Dir::Cache::archives="$apt/archives"
  -o APT::Sandbox::User=root
)
apt-get "${options[@]}" -q update
cd "$apt"
packages=(docker.io)
command -v docker >/dev/null || packages+=(docker-cli)
apt-get "${options[@]}" -q download "${packages[@]}"
for package in ./*.deb; do
  dpkg -x "$package" unpacked
done

for program in sbin/dockerd sbin/docker-proxy bin/docker-init bin/docker libexec/docker/docker-proxy; do
  if [ -x "unpacked/usr/$program" ]; then
    install -m 755 "unpacked/usr/$program" "$HIVEWRIGHT_CACHE/bin/"
  fi
done
rm -rf "$apt"
