#!/bin/bash
# Makes the cluster's authority, a certificate for every part of it, and a kubeconfig for every part that calls the API server.
set -euo pipefail
umask 077
mkdir -p "$STATE/pki"
cd "$STATE/pki"
if [ -e complete ]; then exit; fi

# certificate NAME SUBJECT OPTION...
certificate() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 3650 -subj "$2" -keyout "$1.key" -out "$1.crt" "${@:3}" 2>/dev/null
}

# leaf NAME SUBJECT USAGE [ALTERNATIVE-NAMES]
leaf() {
	certificate "$1" "$2" -CA ca.crt -CAkey ca.key -addext basicConstraints=critical,CA:FALSE \
		-addext keyUsage=critical,digitalSignature -addext "extendedKeyUsage=$3" ${4:+-addext "subjectAltName=$4"}
}

certificate ca /CN=todo-cluster -addext keyUsage=critical,keyCertSign,cRLSign
service=kubernetes.default.svc
leaf apiserver /CN=kube-apiserver serverAuth "IP:$NODE_IP,IP:10.96.0.1,DNS:kubernetes,DNS:kubernetes.default,DNS:$service,DNS:$service.cluster.local"
leaf apiserver-kubelet /O=system:masters/CN=kube-apiserver clientAuth
leaf kubelet-server /O=system:nodes/CN=system:node:node serverAuth "IP:$NODE_IP,DNS:node"
leaf kubelet /O=system:nodes/CN=system:node:node clientAuth
leaf controllers /CN=system:kube-controller-manager clientAuth
leaf scheduler /CN=system:kube-scheduler clientAuth
leaf proxy /CN=system:kube-proxy clientAuth
leaf admin /O=system:masters/CN=admin clientAuth
openssl genpkey -algorithm ec -pkeyopt ec_paramgen_curve:prime256v1 -out serviceaccounts.key
openssl pkey -in serviceaccounts.key -pubout -out serviceaccounts.pub

for name in admin controllers kubelet proxy scheduler; do
	cat >$name.kubeconfig <<-END
		apiVersion: v1
		kind: Config
		clusters: [{name: todo, cluster: {server: "https://$NODE_IP:6443", certificate-authority-data: $(base64 -w0 ca.crt)}}]
		users: [{name: $name, user: {client-certificate-data: $(base64 -w0 $name.crt), client-key-data: $(base64 -w0 $name.key)}}]
		contexts: [{name: todo, context: {cluster: todo, user: $name}}]
		current-context: todo
	END
done
touch complete
