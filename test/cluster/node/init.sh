#!/bin/bash
# PID 1 of the node: in namespaces of its own it starts the parts of a node, keeps them running and reaps what they leave
# behind. When it ends the kernel ends everything in its PID namespace, pods included. `cluster up` calls it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mount --make-rshared / # a kubelet's mounts must show in its containers

# The node has its own /run, new at each start like a machine's; the state is always at /run/cluster, whatever it is called
# outside. What the parts insist on writing elsewhere goes there too.
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/cluster /run/cni /var/lib/cni
mount --bind "$STATE" /run/cluster
mount --bind "$STATE/logs" /var/log
mount --bind /run/cni /var/lib/cni
cp -r "$here" /run/node

# Of cgroup v1 the node sees only what lies below its own groups, so that limits set on those hold for its pods.
if [ ! -e /sys/fs/cgroup/cgroup.controllers ]; then
	umount -R /sys/fs/cgroup
	mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
	while IFS=: read -r _ controllers _; do
		[ -n "$controllers" ] || continue # the line of cgroup v2
		options=$controllers
		[[ $controllers != name=* ]] || options=none,$controllers
		mkdir "/sys/fs/cgroup/${controllers#name=}"
		mount -t cgroup -o "$options" cgroup "/sys/fs/cgroup/${controllers#name=}"
	done </proc/self/cgroup
fi

# The kubelet sets these for the whole machine. Here it finds files that already say what it wants.
while read -r key value; do
	mkdir -p "/run/sysctl/${key%/*}"
	echo "$value" >"/run/sysctl/$key"
	mount --bind "/run/sysctl/$key" "/proc/sys/$key"
done <<-END
	vm/overcommit_memory 1
	vm/panic_on_oom 0
	kernel/panic 10
	kernel/panic_on_oops 1
	kernel/keys/root_maxkeys 1000000
	kernel/keys/root_maxbytes 25000000
END

# These belong to the network namespace.
echo 1 >/proc/sys/net/ipv4/ip_forward
echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet
echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables # else a Service's answer within the bridge keeps the pod's address

# keep PART COMMAND... runs it, and again when it ends; what it says is in logs/PART.log.
keep() {
	while :; do
		"${@:2}" || echo "$1 ended with status $?; starting it again"
		sleep 1
	done >>"/var/log/$1.log" 2>&1 &
}

pki=/run/cluster/pki
export KUBECONFIG=$pki/admin.kubeconfig
keep registry crane registry serve --address 127.0.0.1:5000 --disk /run/cluster/registry
keep containerd containerd --config /run/node/containerd.toml
# Only a crash of the machine could lose what etcd has not synced, and it is not worth a wait.
keep etcd kube etcd --data-dir /run/cluster/etcd --unsafe-no-fsync --log-level warn \
	--listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 --listen-peer-urls http://127.0.0.1:2380
keep apiserver kube kube-apiserver --etcd-servers http://127.0.0.1:2379 \
	--bind-address "$NODE_IP" --advertise-address "$NODE_IP" --service-cluster-ip-range 10.96.0.0/16 \
	--client-ca-file $pki/ca.crt --tls-cert-file $pki/apiserver.crt --tls-private-key-file $pki/apiserver.key \
	--kubelet-certificate-authority $pki/ca.crt --kubelet-preferred-address-types InternalIP \
	--kubelet-client-certificate $pki/apiserver-kubelet.crt --kubelet-client-key $pki/apiserver-kubelet.key \
	--service-account-issuer https://kubernetes.default.svc.cluster.local \
	--service-account-key-file $pki/serviceaccounts.pub --service-account-signing-key-file $pki/serviceaccounts.key \
	--authorization-mode Node,RBAC --enable-admission-plugins NodeRestriction --profiling=false
until kubectl --request-timeout 2s get --raw /readyz >/dev/null 2>&1; do
	sleep 0.1
done

# After a stop the API still tells of pods that run, and of leaders, which all ended with the last node.
kubectl delete pods --all --all-namespaces --force --grace-period=0 --wait=false >/dev/null 2>&1
kubectl delete leases --all --namespace knative-serving >/dev/null

keep controllers kube kube-controller-manager --kubeconfig $pki/controllers.kubeconfig --use-service-account-credentials \
	--root-ca-file $pki/ca.crt --service-account-private-key-file $pki/serviceaccounts.key \
	--leader-elect=false --bind-address 127.0.0.1 --profiling=false \
	--node-monitor-grace-period 10m # the only node is not away, it is busy
keep scheduler kube kube-scheduler --kubeconfig $pki/scheduler.kubeconfig --leader-elect=false --bind-address 127.0.0.1 --profiling=false
keep proxy kube kube-proxy --config /run/node/proxy.yaml --hostname-override node
keep kubelet kube kubelet --config /run/node/kubelet.yaml --kubeconfig $pki/kubelet.kubeconfig --hostname-override node \
	--node-ip "$NODE_IP" --root-dir /run/cluster/kubelet --cert-dir /run/cluster/kubelet/pki

while :; do
	wait || true
done
