#!/usr/bin/env bash
# The node's root file system: Debian packages, kind's own base files, Kubernetes, a static CNI
# network and the NetworkPolicy agent. Follows the base image's Dockerfile in kind's module.
. "$(dirname "$0")/lib.sh"

derive node-packages node
R=$ROOTS/node

# kind's scripts and units. The module cache is read-only, so the modes are set anew.
files=$(cd "$HERE/../tools/kind" && go list -m -f '{{.Dir}}' sigs.k8s.io/kind)/images/base/files
cp -r --no-preserve=mode "$files"/. "$R"/
chmod 755 "$R"/kind "$R"/kind/bin "$R"/kind/bin/*.sh "$R"/usr/local/bin/*

install -m 755 "$BIN/kube" "$R/usr/bin/kubelet"
ln -s kubelet "$R/usr/bin/kubeadm"
ln -s kubelet "$R/usr/bin/kubectl"
echo "$KUBE_VERSION" >"$R/kind/version"
install -m 755 "$BIN/kube-network-policies" "$R/usr/local/bin/kube-network-policies"
install -m 644 "$HERE"/files/network-policy.service "$R/etc/systemd/system/"
install -D -m 644 "$HERE"/files/10-ptp.conflist "$R/etc/cni/net.d/10-ptp.conflist"
# The CA certificates of the machine that builds: behind a proxy that re-signs TLS, the node's
# containerd has to trust what this machine trusts.
cp -L /etc/ssl/certs/ca-certificates.crt "$R/etc/ssl/certs/ca-certificates.crt"

pause=$("$BIN/kubeadm" config images list --kubernetes-version "$KUBE_VERSION" | grep /pause:)
in_root "$R" bash -euo pipefail -s "$pause" <"$HERE/inside.sh"
