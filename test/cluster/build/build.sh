#!/bin/bash
# Builds what a cluster consists of into $CACHE: bin/, debian/ (root filesystems), images/ (OCI layouts) and manifests/.
# Everything comes from the Go module proxy and from Debian. `cluster build` calls it.
set -euo pipefail
cd "$(dirname "$0")"
mkdir -p "$CACHE"/{bin,debian,logs,src,stamps}
export GOBIN=$CACHE/bin
export CGO_ENABLED=0 GOFLAGS="-buildvcs=false -trimpath" # as ko sets them, so that it finds compiled what is compiled here

# step NAME FILE... runs build_NAME, unless neither its text nor the FILEs have changed since it last succeeded.
step() {
	local name=$1 stamp=$CACHE/stamps/$1 log=$CACHE/logs/$1.log start=$SECONDS key
	key=$({ declare -f "build_$1" copy_module; [ $# = 1 ] || find "${@:2}" -type f | sort | xargs cat; } | sha256sum)
	if [ "$(cat "$stamp" 2>/dev/null)" = "$key" ]; then return; fi
	printf '%-11s' "$name" >&2
	rm -f "$stamp"
	# A shell of its own, since bash forgets -e in a function whose failure is looked at.
	if ! (nice bash -euo pipefail -c "$(declare -f); build_$1") >"$log" 2>&1; then
		echo "failed: the end of $log is" >&2
		tail -n 20 "$log" >&2
		exit 1
	fi
	echo "$key" >"$stamp"
	echo "$((SECONDS - start)) s" >&2
}

build_kube() {
	local version minor
	version=$(sed -n 's/^\tk8s.io\/kubernetes //p' kube/go.mod)
	minor=${version#v1.} minor=${minor%%.*}
	# Unless it is told its version, kubectl and the node call themselves v0.0.0.
	go build -C kube -tags providerless,dockerless -ldflags "-s -w
		-X k8s.io/component-base/version.gitVersion=$version -X k8s.io/client-go/pkg/version.gitVersion=$version
		-X k8s.io/component-base/version.gitMajor=1 -X k8s.io/client-go/pkg/version.gitMajor=1
		-X k8s.io/component-base/version.gitMinor=$minor -X k8s.io/client-go/pkg/version.gitMinor=$minor" -o "$CACHE/bin/kube" .
	ln -sf kube "$CACHE/bin/kubectl"
}

build_containerd() {
	go install -tags no_btrfs,no_devmapper,no_zfs,no_aufs \
		-ldflags "-s -w -X github.com/containerd/containerd/v2/version.Version=v2.4.2" \
		github.com/containerd/containerd/v2/cmd/{containerd,containerd-shim-runc-v2}@v2.4.2
}

build_crane() {
	go install -ldflags "-s -w" github.com/google/go-containerregistry/cmd/crane@v0.22.1
}

build_ko() {
	go install -ldflags "-s -w" github.com/google/ko@v0.19.1
}

build_helm() {
	go install -ldflags "-s -w" helm.sh/helm/v3/cmd/helm@v3.22.0
}

build_coredns() {
	go build -C coredns -o /dev/null .
}

# copy_module MODULE@VERSION FOLDER makes a copy that can be changed and built from.
copy_module() {
	rm -rf "$2"
	mkdir -p "$(dirname "$2")"
	cp -r "$(go mod download -json "$1" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')" "$2"
	chmod -R u+w "$2"
}

# Traefik and Knative are compiled here to have their modules and objects at hand: ko, which links them, runs without a network.
build_traefik() {
	local lego
	lego=$(sed -n 's/^\tgithub.com\/go-acme\/lego\/v4 \(v[^ ]*\).*/\1/p' traefik/go.mod)
	copy_module "github.com/go-acme/lego/v4@$lego" "$CACHE/src/traefik/lego"
	rm -rf "$CACHE/src/traefik/lego/providers/dns"
	cp -r traefik "$CACHE/src/"
	go build -C "$CACHE/src/traefik" -o /dev/null github.com/traefik/traefik/v3/cmd/traefik
}

build_knative() {
	local src=$CACHE/src/serving config networking caching out=$CACHE/src/knative
	copy_module knative.dev/serving@v0.42.2 "$src"
	rm -rf "$src/vendor" # not whole in a module
	for main in activator autoscaler controller queue webhook; do
		go build -C "$src" -o /dev/null "./cmd/$main"
	done

	# Some files in config/ are links into other modules, and modules hold no links.
	config=$src/config/core
	networking=$(go list -C "$src" -m -f '{{.Dir}}' knative.dev/networking)/config
	caching=$(go list -C "$src" -m -f '{{.Dir}}' knative.dev/caching)/config
	mkdir -p "$out"
	awk 'FNR == 1 { print "---" } 1' "$networking"/{certificate,domain-claim,ingress,serverlessservice}.yaml "$caching/image.yaml" \
		"$config"/300-resources/*.yaml >"$out/crds.yaml"
	awk 'FNR == 1 { print "---" } 1' "$config"/{100-namespace,200-serviceaccount,300-knativecertificate,999-cache}.yaml \
		"$config"/200-roles/*.yaml "$config"/configmaps/*.yaml "$networking/config-network.yaml" \
		"$config"/deployments/{activator,autoscaler,controller,webhook}.yaml "$config"/webhooks/*.yaml >"$out/core.yaml"
	cp ../manifests/knative/kustomization.yaml "$out/"
	"$CACHE/bin/kubectl" kustomize "$out" >"$out/knative.yaml"
}

build_postgres() {
	./debian.sh postgres postgresql-15
}

build_redis() {
	./debian.sh redis redis-server
}

# In a network of its own port 5000 is free, and the images' names are those that the cluster will use.
build_images() {
	unshare --net ./images.sh
}

step kube kube
step containerd
step crane
step ko
step helm
step postgres debian.sh
step redis debian.sh
step coredns coredns
step traefik traefik
step knative ../manifests/knative
step images images.sh images ../manifests "$CACHE"/stamps/{crane,ko,postgres,redis,coredns,traefik,knative}
