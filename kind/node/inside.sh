# shellcheck shell=bash
# Runs inside the node's root (rootfs.sh): units, containerd's configuration. $1 is the pause image.
units=/lib/systemd/system
rm -f $units/sysinit.target.wants/systemd-tmpfiles-setup.service $units/multi-user.target.wants/* \
  /etc/systemd/system/*.wants/* $units/local-fs.target.wants/* $units/sockets.target.wants/*udev* \
  $units/sockets.target.wants/*initctl* $units/basic.target.wants/*
echo ReadKMsg=no >>/etc/systemd/journald.conf
ln -sf /usr/lib/systemd/systemd /sbin/init
sed -i 's#/usr/local/bin/containerd#/usr/bin/containerd#' /etc/systemd/system/containerd.service
systemctl enable kubelet.service containerd.service undo-mount-hacks.service network-policy.service
systemctl mask systemd-binfmt.service

mkdir -p /etc/kubernetes/manifests /etc/containerd/certs.d /opt/cni
rm -rf /opt/cni/bin
ln -s /usr/lib/cni /opt/cni/bin
ctr oci spec | jq '.hooks.createContainer[.hooks.createContainer | length] |= . + {path: "/kind/bin/mount-product-files.sh"}
  | del(.process.rlimits)' >/etc/containerd/cri-base.json

# restrict_oom_score_adj: without CAP_SYS_RESOURCE a container's score cannot be lowered, and
# containerd would refuse to start any.
sed -i -e 's#restrict_oom_score_adj = false#restrict_oom_score_adj = true#' \
  -e "s#sandbox_image = .*#sandbox_image = \"$1\"#" /etc/containerd/config.toml
cat >>/etc/containerd/config.toml <<'TOML'

# Where mirrors are named: the harness points it at the registry beside the cluster.
[plugins."io.containerd.grpc.v1.cri".registry]
  config_path = "/etc/containerd/certs.d"
TOML
