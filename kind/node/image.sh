#!/usr/bin/env bash
# image.sh NAME LABEL: the node image, with the control plane's images already in its containerd.
. "$(dirname "$0")/lib.sh"
name=$1 label=$2 builder=hivewright-node-build

tar -C "$ROOTS/node" -c . | docker import --change 'ENV container=docker' - hivewright/node-root
# `docker import` and `docker commit` cannot set the stop signal; systemd stops on this one.
docker build -q -t hivewright/node-base - <<'DOCKERFILE'
FROM hivewright/node-root
STOPSIGNAL SIGRTMIN+3
DOCKERFILE

docker rm -f "$builder" >/dev/null 2>&1 || true
trap 'docker rm -f "$builder" >/dev/null 2>&1 || true' EXIT
docker run -d --privileged --name "$builder" --tmpfs /tmp --entrypoint sleep hivewright/node-base 1h
docker exec -d "$builder" containerd
for _ in $(seq 60); do
  docker exec "$builder" ctr version >/dev/null 2>&1 && break
  sleep 0.5
done
mapfile -t images < <("$BIN/kubeadm" config images list --kubernetes-version "$KUBE_VERSION")
docker save "${images[@]}" | docker exec -i "$builder" ctr -n k8s.io images import \
  --label=io.cri-containerd.pinned=pinned --all-platforms --no-unpack --digests -
docker exec "$builder" bash -c 'kill $(pidof containerd); while pidof -q containerd; do sleep 0.1; done'
docker commit --change 'ENTRYPOINT ["/usr/local/bin/entrypoint","/sbin/init"]' \
  --change "LABEL $label" "$builder" "$name"
