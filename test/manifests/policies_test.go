package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	networking "k8s.io/api/networking/v1"
)

// TestPodsTalkToWhatTheyNeedAndToNothingElse holds the whole table of who may
// reach whom, written down once more by hand.
func TestPodsTalkToWhatTheyNeedAndToNothingElse(t *testing.T) {
	const (
		dns       = "namespace kube-system: 53/UDP 53/TCP"
		postgres  = "pods postgres: 5432/TCP"
		redis     = "pods redis: 6379/TCP"
		sink      = "anything: 9000/TCP 8080/TCP"
		collector = "10.2.0.0/16: 4318/TCP"
		model     = "10.1.0.0/16: 11434/TCP"
		apiServer = "anything: 443/TCP 6443/TCP 8443/TCP"
		inside    = "namespace kourier-system, namespace knative-serving: any"
	)
	requests := []string{
		"namespace knative-serving, namespace kourier-system: 8012/TCP 8013/TCP 8112/TCP",
		"namespace knative-serving: 9090/TCP",
		"namespace monitoring: 9464/TCP 9091/TCP",
	}
	want := map[string][2][]string{ // ingress, egress
		"create":   {requests, {dns, postgres, redis, sink, inside, collector}},
		"list":     {requests, {dns, postgres, redis, collector}},
		"update":   {requests, {dns, postgres, redis, sink, inside, collector}},
		"delete":   {requests, {dns, postgres, redis, sink, inside, collector}},
		"watch":    {requests, {dns, postgres, redis, collector}},
		"health":   {requests, {dns, postgres, redis, apiServer, collector}},
		"mcp":      {requests, {dns, postgres, redis, sink, inside, collector}},
		"chat":     {requests, {dns, postgres, redis, sink, inside, model, collector}},
		"web":      {requests, {dns, inside, collector}},
		"migrate":  {nil, {dns, postgres}},
		"sweep":    {nil, {dns, postgres, sink, inside, collector}},
		"backup":   {nil, {dns, postgres}},
		"restore":  {nil, {dns, postgres}},
		"test":     {nil, {dns, inside}},
		"postgres": {{"pods chat, pods create, pods delete, pods health, pods list, pods mcp, pods update, pods watch, pods migrate, pods sweep, pods backup, pods restore: 5432/TCP"}, nil},
		"redis":    {{"pods chat, pods create, pods delete, pods health, pods list, pods mcp, pods update, pods watch: 6379/TCP"}, nil},
	}
	r := release{files: []string{"values-minikube.yaml", "values-ko.yaml"}, set: tree("events.sink", "http://broker.example:9000/x",
		"chat.url", "http://models.example:11434/v1", "chat.model", "m", "chat.cidrs", []any{"10.1.0.0/16"},
		"telemetry.endpoint", "http://collector.example:4318", "telemetry.cidrs", []any{"10.2.0.0/16"})}
	all, err := objects(rendered(t, r)["templates/networkpolicies.yaml"])
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range all {
		var p networking.NetworkPolicy
		if err := o.into(&p); err != nil {
			t.Fatal(err)
		}
		about := p.Spec.PodSelector.MatchLabels["app.kubernetes.io/component"]
		expected, ok := want[about]
		if !ok {
			t.Errorf("a policy about %q", about)
		}
		delete(want, about)
		if len(p.Spec.PolicyTypes) != 2 {
			t.Errorf("%s: types %v", about, p.Spec.PolicyTypes)
		}
		var in, out []string
		for _, rule := range p.Spec.Ingress {
			in = append(in, described(rule.From, rule.Ports))
		}
		for _, rule := range p.Spec.Egress {
			out = append(out, described(rule.To, rule.Ports))
		}
		if !slices.Equal(in, expected[0]) || !slices.Equal(out, expected[1]) {
			t.Errorf("%s: from %q to %q", about, in, out)
		}
	}
	if len(want) > 0 {
		t.Error("no policy about", slices.Collect(maps.Keys(want)))
	}
}

func described(peers []networking.NetworkPolicyPeer, ports []networking.NetworkPolicyPort) string {
	var who, through []string
	for _, peer := range peers {
		switch {
		case peer.NamespaceSelector != nil:
			who = append(who, "namespace "+peer.NamespaceSelector.MatchLabels["kubernetes.io/metadata.name"])
		case peer.PodSelector != nil:
			who = append(who, "pods "+peer.PodSelector.MatchLabels["app.kubernetes.io/component"])
		case peer.IPBlock != nil:
			who = append(who, peer.IPBlock.CIDR)
		}
	}
	for _, port := range ports {
		through = append(through, fmt.Sprintf("%s/%s", port.Port, *port.Protocol))
	}
	if len(who) == 0 {
		who = []string{"anything"}
	}
	if len(through) == 0 {
		through = []string{"any"}
	}
	return strings.Join(who, ", ") + ": " + strings.Join(through, " ")
}

// TestAnUpgradesMigrationRunsUnderAPolicyOfItsOwn: hooks come before the rest
// of a release, and so before the policies that it brings.
func TestAnUpgradesMigrationRunsUnderAPolicyOfItsOwn(t *testing.T) {
	r := release{files: []string{"values-prod.yaml", "values-ko.yaml"}, set: chosen, upgrade: true}
	files := rendered(t, r)
	policies := map[string]networking.NetworkPolicy{}
	var hook object
	for _, path := range []string{"templates/migrate.yaml", "templates/networkpolicies.yaml"} {
		all, err := objects(files[path])
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range all {
			if o.Kind != "NetworkPolicy" {
				continue
			}
			var p networking.NetworkPolicy
			if err := o.into(&p); err != nil {
				t.Fatal(err)
			}
			policies[o.Metadata.Name] = p
			if o.Metadata.Name == "todo-app-migrate-upgrade" {
				hook = o
			}
		}
	}
	if got := hook.Metadata.Annotations; got["helm.sh/hook"] != "pre-upgrade" || got["helm.sh/hook-weight"] != "-5" ||
		got["helm.sh/hook-delete-policy"] != "before-hook-creation,hook-succeeded" { // else an uninstall would leave it
		t.Errorf("the hook's policy is annotated %v", got)
	}
	if diff := cmp.Diff(policies["todo-app-migrate"].Spec, policies["todo-app-migrate-upgrade"].Spec); diff != "" {
		t.Errorf("the hook's policy is another than the release's (-release +hook):\n%s", diff)
	}
}

// TestWhereTheMigrationIsMadeAnotherToolsHookItsPolicyComesWithIt: with it, as
// such a hook runs before everything that is none.
func TestWhereTheMigrationIsMadeAnotherToolsHookItsPolicyComesWithIt(t *testing.T) {
	r := release{files: []string{"values-prod.yaml", "values-ko.yaml"}, set: tree("jobs.annotations", map[string]any{"argocd.argoproj.io/hook": "PreSync"},
		"database.host", "db.example", "global.existingSecret", "mine")}
	files := rendered(t, r)
	var hooks []string
	for path, content := range files {
		if !strings.HasSuffix(path, ".yaml") {
			continue
		}
		all, err := objects(content)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range all {
			if o.Metadata.Annotations["argocd.argoproj.io/hook"] == "PreSync" {
				hooks = append(hooks, o.Kind+" "+o.Metadata.Name)
			}
		}
	}
	slices.Sort(hooks)
	if want := []string{"Job todo-app-migrate", "NetworkPolicy todo-app-migrate"}; !slices.Equal(hooks, want) {
		t.Errorf("hooks are %q", hooks)
	}
}

func TestDNSIsAskedWhereTheClusterHasIt(t *testing.T) {
	for want, set := range map[string]map[string]any{
		"namespace openshift-dns: 5353/UDP 5353/TCP":             tree("networkPolicy.dns.namespaces", []any{"openshift-dns"}, "networkPolicy.dns.ports", []any{5353}),
		"namespace kube-system, 169.254.20.10/32: 53/UDP 53/TCP": tree("networkPolicy.dns.cidrs", []any{"169.254.20.10/32"}),
		"anything: 53/UDP 53/TCP":                                tree("networkPolicy.dns.namespaces", []any{}),
		"namespace kube-system: 53/UDP 53/TCP 5353/UDP 5353/TCP": tree("networkPolicy.dns.ports", []any{53, 5353}),
	} {
		all, err := objects(rendered(t, release{files: []string{"values-minikube.yaml", "values-ko.yaml"}, set: set})["templates/networkpolicies.yaml"])
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range all {
			var p networking.NetworkPolicy
			if err := o.into(&p); err != nil {
				t.Fatal(err)
			}
			if len(p.Spec.Egress) > 0 {
				if got := described(p.Spec.Egress[0].To, p.Spec.Egress[0].Ports); got != want {
					t.Errorf("%s: %q, not %q", p.Name, got, want)
				}
			}
		}
	}
}

// TestPodsBehindAServiceAreReachedAtTheirOwnPorts: a policy is asked once the
// address of a Service has become that of a pod.
func TestPodsBehindAServiceAreReachedAtTheirOwnPorts(t *testing.T) {
	r := release{files: []string{"values-minikube.yaml", "values-ko.yaml"}, set: tree("networkPolicy.egressPorts", []any{9000},
		"auth.mode", "jwt", "auth.jwt.issuer", "http://keycloak.auth.svc/realms/todo", "auth.jwt.audience", "todo",
		"chat.url", "https://models.models.svc/v1", "chat.model", "m", "chat.cidrs", []any{"10.1.0.0/16"},
		"telemetry.endpoint", "http://collector.monitoring.svc:4318", "events.sink", "http://broker.events.svc/x")}
	all, err := objects(rendered(t, r)["templates/networkpolicies.yaml"])
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range all {
		var p networking.NetworkPolicy
		if err := o.into(&p); err != nil {
			t.Fatal(err)
		}
		if p.Name == "todo-app-chat" {
			for _, rule := range p.Spec.Egress {
				got = append(got, described(rule.To, rule.Ports))
			}
		}
	}
	for _, want := range []string{"anything: 80/TCP 9000/TCP", "10.1.0.0/16: 443/TCP 9000/TCP", "anything: 4318/TCP 9000/TCP", "anything: 80/TCP 9000/TCP 8080/TCP"} {
		if !slices.Contains(got, want) {
			t.Errorf("%q is not among %q", want, got)
		}
	}
}
