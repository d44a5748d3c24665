#!/usr/bin/env bash
# The images that kubeadm asks for: pause, and one image with the whole control plane under every
# other name on its list.
. "$(dirname "$0")/lib.sh"

work=$HIVEWRIGHT_CACHE/work
core=$work/core
rm -rf "$work/pause" "$core"
mkdir -p "$work/pause" "$core"/usr/local/bin "$core"/etc/ssl/certs "$core"/tmp
chmod 1777 "$core/tmp"

cc -Os -static -s -o "$work/pause/pause" "$HERE/pause.c"
install -m 755 "$BIN/kube" "$core/usr/local/bin/kube"
for name in kube-apiserver kube-controller-manager kube-scheduler kube-proxy etcd coredns; do
  ln -s kube "$core/usr/local/bin/$name"
done
cp -L /etc/ssl/certs/ca-certificates.crt "$core/etc/ssl/certs/"

# kube-proxy's programs and iptables' plug-ins, each with the libraries it is linked against.
base=$ROOTS/node-packages
plug_ins() { (cd "$base" && find usr/lib -path '*/xtables/*.so' -type f -printf '/%p\n'); }
for program in iptables iptables-nft iptables-save iptables-restore ip6tables ip6tables-nft \
  ip6tables-save ip6tables-restore xtables-nft-multi nft conntrack $(plug_ins); do
  case $program in
    /*) path=$program ;;
    *) path=$(chroot "$base" bash -c "command -v $program") ;;
  esac
  echo "$path"
  chroot "$base" ldd "$path" | grep -o '/[^ ]*'
done | sort -u | while read -r file; do
  install -D -m 755 "$base$(chroot "$base" readlink -f "$file")" "$core$file"
done
(cd "$base" && cp -r --parents usr/lib/*/xtables "$core")
# A plug-in that cannot be loaded fails a whole iptables-restore, and with it every Service.
chroot "$core" iptables -m statistic --help >/dev/null

tar -C "$work/pause" -c . | docker import --change 'ENTRYPOINT ["/pause"]' - hivewright/pause
tar -C "$core" -c . | docker import --change 'ENV PATH=/usr/local/bin:/usr/sbin:/sbin' \
  --change 'ENTRYPOINT ["/usr/local/bin/coredns"]' - hivewright/core
"$BIN/kubeadm" config images list --kubernetes-version "$KUBE_VERSION" | while read -r name; do
  case $name in
    */pause:*) docker tag hivewright/pause "$name" ;;
    *) docker tag hivewright/core "$name" ;;
  esac
done
