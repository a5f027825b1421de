#!/bin/bash
# Puts every image into an OCI layout of its own below $CACHE/images, and their digests into the manifests.
# Runs without a network; a registry that lives as long as the script stands in for the cluster's.
set -euo pipefail
cd "$(dirname "$0")"
PATH=$CACHE/bin:$PATH
registry=127.0.0.1:5000
work=$(mktemp -d)
rm -rf "$CACHE"/{images,manifests}
mkdir -p "$CACHE"/{images,manifests} "$work/registry"

ip link set lo up
crane registry serve --address $registry --disk "$work/registry" &
trap 'kill %1; rm -rf "$work"' EXIT
for _ in $(seq 50); do
	crane catalog $registry && break
	sleep 0.1
done

# image NAME TAR ENV... makes an image of one layer. Its user is a number: kubelets refuse names under runAsNonRoot.
image() {
	crane append --oci-empty-base --platform linux/amd64 -f "$2" -t "$registry/$1"
	crane mutate "$registry/$1" -t "$registry/$1" --set-platform linux/amd64 --user 65532 \
		--env PATH=/usr/local/bin:/usr/bin:/bin "${@:3}"
}

# keep IMAGE@DIGEST
keep() {
	local name=${1#"$registry/"}
	mkdir -p "$(dirname "$CACHE/images/${name%@*}")"
	crane pull --format=oci "$1" "$CACHE/images/${name%@*}"
}

# by_digest NAME
by_digest() {
	echo "$registry/$1@$(crane digest "$registry/$1")"
}

mkdir -p "$work"/base/{etc/ssl/certs,tmp,home/nonroot}
printf 'root:x:0:0:root:/:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n' >"$work/base/etc/passwd"
printf 'root:x:0:\nnonroot:x:65532:\n' >"$work/base/etc/group"
cp -L /etc/ssl/certs/ca-certificates.crt "$work/base/etc/ssl/certs/"
chmod 1777 "$work/base/tmp"
chown 65532:65532 "$work/base/home/nonroot"
tar -C "$work/base" --sort=name --mtime=@0 -cf "$work/base.tar" .

image base "$work/base.tar" --env SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
image postgres "$CACHE/debian/postgres.tar" --env PATH=/usr/lib/postgresql/15/bin:/usr/local/bin:/usr/bin:/bin
image redis "$CACHE/debian/redis.tar"
by_digest base >"$CACHE/manifests/base-image"

# ko_in FOLDER VERB ARGUMENT... : ko looks modules up from where it runs. -B names an image by its last word.
export GOPROXY=off GOFLAGS="-buildvcs=false -ldflags=-s" KO_DEFAULTPLATFORMS=linux/amd64
KO_DEFAULTBASEIMAGE=$(by_digest base)
export KO_DEFAULTBASEIMAGE
ko_in() {
	(cd "$1" && KO_DOCKER_REPO=$registry${repository:-} ko "$2" -B --sbom=none "${@:3}")
}
ko_in images build ./pause ./hello
manifests=$PWD/../manifests
ko_in coredns resolve -f "$manifests/coredns.yaml" >"$CACHE/manifests/coredns.yaml"
ko_in "$CACHE/src/traefik" resolve -f "$manifests/traefik.yaml" >"$CACHE/manifests/traefik.yaml"
repository=/knative ko_in "$CACHE/src/serving" resolve -j 2 -f "$CACHE/src/knative/knative.yaml" >"$CACHE/manifests/knative.yaml"
cp "$CACHE/src/knative/crds.yaml" "$CACHE/manifests/knative-crds.yaml"

for name in base pause hello postgres redis; do
	keep "$(by_digest $name)"
done
grep -ho "$registry/[a-z/]*@sha256:[0-9a-f]*" "$CACHE"/manifests/*.yaml | sort -u | while read -r ref; do
	keep "$ref"
done
for name in postgres redis; do
	echo "$name: {image: \"$(by_digest $name)\"}"
done >"$CACHE/manifests/images.yaml"
