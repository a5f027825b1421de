package main

import (
	"strings"
	"testing"
)

func TestNotesNameWhatIsThere(t *testing.T) {
	base := []string{"values-minikube.yaml", "values-ko.yaml"}
	for name, c := range map[string]struct {
		set       map[string]any
		says, not []string
	}{
		"as it comes": {nil, []string{"kubectl get ksvc web", "--namespace kourier-system service/kourier 8080:80", "helm test"}, nil},
		"another ingress": {tree("networkPolicy.ingressNamespaces", []any{"contour-internal", "contour-external"}),
			[]string{"--namespace contour-external service/envoy 8080:80"}, []string{"kourier"}},
		"an ingress nobody knows": {tree("networkPolicy.ingressNamespaces", []any{"gates"}),
			[]string{"--namespace INGRESS-NAMESPACE service/INGRESS 8080:80"}, []string{"kourier"}},
		"no ingress named": {tree("networkPolicy.enabled", false, "networkPolicy.ingressNamespaces", nil),
			[]string{"--namespace INGRESS-NAMESPACE"}, []string{"kourier"}},
		"no front door": {tree("functions.web.enabled", false),
			[]string{"functions.web is not enabled", "kubectl get ksvc --namespace todo-app\n"}, []string{"get ksvc web", "helm test"}},
		"a name": {tree("domain.host", "todo.example", "domain.issuer", "letsencrypt"),
			[]string{"URL=https://todo.example\n"}, []string{"get ksvc web"}},
		"a gateway": {tree("gateway.enabled", true, "gateway.parent.name", "gate", "settings.publicURL", "https://todo.example/"),
			[]string{"URL=https://todo.example\n"}, []string{"get ksvc web", "port-forward"}},
		"tokens": {tree("auth.mode", "jwt", "auth.jwt.issuer", "https://issuer.example", "auth.jwt.audience", "todo"),
			[]string{"a token of https://issuer.example"}, []string{"api-key", "helm test"}},
	} {
		notes := rendered(t, release{files: base, set: c.set})["templates/NOTES.txt"]
		for _, s := range c.says {
			if !strings.Contains(notes, s) {
				t.Errorf("%s: %q is missing in\n%s", name, s, notes)
			}
		}
		for _, s := range c.not {
			if strings.Contains(notes, s) {
				t.Errorf("%s: %q is in\n%s", name, s, notes)
			}
		}
	}
}
