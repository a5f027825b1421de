package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
	"sigs.k8s.io/yaml"
)

// chosen is what every profile but Minikube's leaves to the operator.
var chosen = tree("auth.mode", "none", "database.host", "db.example", "global.existingSecret", "mine")

// profiles are the ways in which the chart is meant to be used.
var profiles = map[string]release{
	"minikube":          {files: []string{"values-minikube.yaml", "values-ko.yaml"}},
	"minikube, upgrade": {files: []string{"values-minikube.yaml", "values-ko.yaml"}, upgrade: true},
	"dev":               {files: []string{"values-dev.yaml", "values-ko.yaml"}, set: chosen},
	"staging":           {files: []string{"values-staging.yaml", "values-ko.yaml"}, set: chosen},
	"prod":              {files: []string{"values-prod.yaml", "values-ko.yaml"}, set: chosen},
	"prod, authorities of one's own": {files: []string{"values-prod.yaml", "values-ko.yaml"}, set: tree("database.host", "db.example", "database.caSecret", "database-ca",
		"cache.url", "rediss://cache.example", "cache.caSecret", "cache-ca", "global.existingSecret", "mine")},
	"a domain and TLS": {files: []string{"values-minikube.yaml", "values-ko.yaml"}, set: tree(
		"domain.host", "todo.example", "domain.issuer", "letsencrypt", "events.sink", "http://broker.example:9000/x", "redis.enabled", false,
		"cache.url", "rediss://cache.example", "imagePullSecrets", []any{"pull"}, "global.existingSecret", "mine")},
	"a gateway": {files: []string{"values-minikube.yaml", "values-ko.yaml"}, set: tree(
		"gateway.enabled", true, "settings.publicURL", "https://todo.example", "gateway.parent", map[string]any{"name": "gate", "namespace": "gates"}, "gateway.hostnames", []any{"todo.example"})},
	"agents": observed,
	"tokens": {files: []string{"values-minikube.yaml", "values-ko.yaml"}, set: tree(
		"auth.mode", "both", "auth.jwt.issuer", "https://issuer.example", "auth.jwt.audience", "todo", "auth.jwt.secret", true, "auth.jwt.jwksURL", "https://issuer.example:8443/keys",
		"auth.oidc.clientID", "page", "auth.oidc.scope", "openid offline_access", "global.existingSecret", "mine", "settings.rateLimit", "off", "defaults.passwords", "files",
		"chat.url", "https://models.example/v1", "chat.model", "m", "chat.existingSecret", "model-key")},
	"a collector": {files: []string{"values-minikube.yaml", "values-ko.yaml"}, set: tree(
		"telemetry.endpoint", "https://collector.example", "telemetry.existingSecret", "collector", "telemetry.env", map[string]any{"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.1"})},
	"a model": {files: []string{"values-minikube.yaml", "values-ko.yaml"}, set: tree(
		"chat.url", "https://api.openai.com/v1", "chat.model", "gpt-4.1-mini", "chat.existingSecret", "model-key")},
}

func TestTheFrontDoorIsToldWhatIsNotDeployed(t *testing.T) {
	base := []any{"functions.chat.enabled", false, "functions.mcp.enabled", false}
	for _, content := range rendered(t, release{files: []string{"values-minikube.yaml", "values-ko.yaml"}, set: tree(base...)}) {
		if strings.Contains(content, "name: TODO_FUNCTION_URL") && !strings.Contains(content, "- name: TODO_FUNCTIONS_OFF\n              value: chat,mcp\n") {
			t.Error(content)
		}
	}
	for name, content := range rendered(t, release{files: []string{"values-minikube.yaml", "values-ko.yaml"}}) {
		if strings.Contains(content, "TODO_FUNCTIONS_OFF") {
			t.Error(name, "names functions that are deployed")
		}
	}
}

// tree makes nested values of paths and their values in turn.
func tree(pairs ...any) map[string]any {
	root := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		put(root, strings.Split(pairs[i].(string), "."), pairs[i+1])
	}
	return root
}

func put(at map[string]any, path []string, value any) {
	if len(path) == 1 {
		at[path[0]] = value
		return
	}
	below, ok := at[path[0]].(map[string]any)
	if !ok {
		below = map[string]any{}
		at[path[0]] = below
	}
	put(below, path[1:], value)
}

func rendered(t *testing.T, r release) map[string]string {
	t.Helper()
	found, err := r.render()
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// each calls do with every object of every profile.
func each(t *testing.T, do func(t *testing.T, o object)) {
	for name, r := range profiles {
		t.Run(name, func(t *testing.T) {
			seen := map[string]bool{}
			for path, content := range rendered(t, r) {
				if !strings.HasSuffix(path, ".yaml") {
					continue
				}
				all, err := objects(content)
				if err != nil {
					t.Fatalf("%s: %v", path, err)
				}
				for _, o := range all {
					if id := o.Kind + "/" + o.Metadata.Name; seen[id] {
						t.Errorf("%s is there twice", id)
					} else {
						seen[id] = true
					}
					do(t, o)
				}
			}
			if len(seen) < 20 {
				t.Errorf("only %d objects", len(seen))
			}
		})
	}
}

func TestEveryProfileRendersTheSameTwice(t *testing.T) {
	for name, r := range profiles {
		if !maps.Equal(rendered(t, r), rendered(t, r)) {
			t.Errorf("%s: two renders differ", name)
		}
	}
}

func TestEveryObjectIsLabelledAndInTheReleasesNamespace(t *testing.T) {
	each(t, func(t *testing.T, o object) {
		for _, label := range []string{"name", "instance", "component", "part-of", "managed-by"} {
			if o.Metadata.Labels["app.kubernetes.io/"+label] == "" {
				t.Errorf("%s %s lacks the label %s", o.Kind, o.Metadata.Name, label)
			}
		}
		if o.Metadata.Namespace != namespace && o.Kind != "ReferenceGrant" && o.Kind != "ClusterDomainClaim" {
			t.Errorf("%s %s is in %q", o.Kind, o.Metadata.Name, o.Metadata.Namespace)
		}
	})
}

func TestHelmHasNothingToComplainAbout(t *testing.T) {
	values := map[string]any{}
	for _, file := range []string{"values-minikube.yaml", "values-ko.yaml"} {
		data, err := os.ReadFile(filepath.Join(root, "chart", file))
		if err != nil {
			t.Fatal(err)
		}
		if err := yaml.Unmarshal(data, &values); err != nil {
			t.Fatal(err)
		}
	}
	l := lint.All(filepath.Join(root, "chart"), values, namespace, true)
	for _, message := range l.Messages {
		if message.Severity > support.InfoSev {
			t.Error(message)
		}
	}
}

func TestWhatIsMadeFromTheChartIsUpToDate(t *testing.T) {
	want, err := generated()
	if err != nil {
		t.Fatal(err)
	}
	there, err := filepath.Glob(filepath.Join(root, "config", "*.yaml"))
	if err != nil || len(there) < 5 {
		t.Fatal(there, err)
	}
	for _, path := range there {
		if name := "config/" + filepath.Base(path); want[name] == "" {
			t.Errorf("%s is not rendered from the chart: run make generate", name)
		}
	}
	for name, content := range want {
		got, err := os.ReadFile(filepath.Join(root, name))
		if err != nil || string(got) != content {
			t.Errorf("%s is out of date: run make generate (%v)", name, err)
		}
	}
}

func TestNothingInConfigNeedsHelm(t *testing.T) {
	files, err := manifests("")
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		if strings.Contains(content, "helm") || strings.Contains(content, "Helm") {
			t.Errorf("%s speaks of Helm", name)
		}
		if strings.Count(content, "image:") != strings.Count(content, "image: ko://todo-app/")+strings.Count(content, "image: docker.io/library/") {
			t.Errorf("%s has an image that ko does not build and no digest pins", name)
		}
	}
}

func TestWhatCannotWorkIsRefusedWithASentence(t *testing.T) {
	base := []string{"values-minikube.yaml", "values-ko.yaml"}
	for want, r := range map[string]release{
		"auth.jwt.issuer and auth.jwt.audience are not both set": {files: base, set: tree("auth.mode", "jwt", "auth.jwt.issuer", "https://issuer.example")},
		"auth.jwt.jwksURL needs them":                            {files: base, set: tree("auth.mode", "both", "auth.jwt.secret", true, "auth.jwt.jwksURL", "https://issuer.example/keys", "global.existingSecret", "mine")},
		"the bootstrap Job would invent another":                 {files: base, set: tree("auth.mode", "jwt", "auth.jwt.secret", true)},
		"people sign in at auth.jwt.issuer":                      {files: base, set: tree("auth.oidc.clientID", "page")},
		"auth.mode apikey takes none":                            {files: base, set: tree("auth.jwt.issuer", "https://issuer.example")},
		"database.host is not set":                               {files: []string{"values-prod.yaml", "values-ko.yaml"}, set: tree("auth.mode", "none", "global.existingSecret", "mine")},
		"images.":                                                {files: base[:1]},
		"minScale 5 is more than maxScale 3":                     {files: base, set: tree("functions.list.scaling.minScale", 5)},
		"kpa scales on concurrency or rps, not on cpu":           {files: base, set: tree("functions.list.scaling.metric", "cpu")},
		"hpa scales on cpu or memory":                            {files: base, set: tree("functions.list.scaling.class", "hpa")},
		"hpa cannot scale to zero":                               {files: base, set: tree("functions.list.scaling.class", "hpa", "functions.list.scaling.metric", "cpu")},
		"oven is none of database, cache":                        {files: base, set: tree("functions.list.uses", []any{"oven"})},
		"PostgreSQL has":                                         {files: base, set: tree("postgres.maxConnections", 40)},
		"max_connections less reservedConnections":               {files: base, set: tree("functions.list.scaling.maxScale", 50)},
		"backup.enabled needs postgres.enabled":                  {files: base, set: tree("postgres.enabled", false, "database.host", "db")},
		"gateway.parent.name is not set":                         {files: base, set: tree("gateway.enabled", true, "settings.publicURL", "https://x.example")},
		"settings.publicURL is not set":                          {files: base, set: tree("gateway.enabled", true)},
		"global.existingSecret is not set":                       {files: base, set: tree("postgres.enabled", false, "database.host", "db", "backup.enabled", false)},
		"windowSeconds of 6 and more":                            {files: base, set: tree("defaults.scaling.windowSeconds", 3)},
		"domain.host is not set":                                 {files: base, set: tree("domain.issuer", "x")},
		"functions.web is not enabled":                           {files: base, set: tree("domain.host", "x.example", "functions.web.enabled", false)},
		"each quota counts the other's pods":                     {files: base, set: tree("functionPrefix", "b-")},
		"Additional property replicas is not allowed":            {files: base, set: tree("replicas", 3)},
		"Additional property minscale is not allowed":            {files: base, set: tree("functions.list.scaling.minscale", 1)},
		"auth.mode must be one of":                               {files: base, set: tree("auth.mode", "open")},
		"Invalid type. Expected: integer":                        {files: base, set: tree("functions.list.scaling.maxScale", "many")},
		"Must be greater than or equal to 0":                     {files: base, set: tree("functions.list.scaling.minScale", -1)},
		"domain.host is the name of the function web":            {files: base, set: tree("domain.host", "x.example", "gateway.enabled", true, "settings.publicURL", "https://x.example", "gateway.parent.name", "gate")},
		"functions.web.visibility is cluster-local":              {files: base, set: tree("domain.host", "x.example", "functions.web.visibility", "cluster-local")},
		"functions.watch is not enabled, and the front door":     {files: base, set: tree("functions.watch.enabled", false)},
		"functions.list is not enabled, and the HTTPRoute":       {files: base, set: tree("functions.list.enabled", false, "gateway.enabled", true, "settings.publicURL", "https://x.example", "gateway.parent.name", "gate")},
		"database.caSecret is for a PostgreSQL of your own":      {files: base, set: tree("database.caSecret", "ca")},
		"database.sslmode require nothing is verified":           {files: base, set: tree("database.caSecret", "ca", "database.sslmode", "require", "database.host", "db", "postgres.enabled", false, "backup.enabled", false, "global.existingSecret", "mine")},
		"cache.caSecret is for a Redis of your own":              {files: base, set: tree("cache.caSecret", "ca")},
		"networkPolicy.ingressNamespaces is empty":               {files: base, set: tree("networkPolicy.ingressNamespaces", nil)},
		"functionPrefix is A_":                                   {files: base, set: tree("functionPrefix", "A_", "resourceQuota.enabled", false)},
		"settings.publicURL is todo.example: it must be scheme":  {files: base, set: tree("settings.publicURL", "todo.example")},
		"settings.timeZone is Mars: it must be an IANA":          {files: base, set: tree("settings.timeZone", "Mars")},
		"settings.rateLimit is often":                            {files: base, set: tree("settings.rateLimit", "often")},
		"auth.jwt.issuer is nobody":                              {files: base, set: tree("auth.jwt.issuer", "nobody")},
		"auth.jwt.jwksURL is keys":                               {files: base, set: tree("auth.jwt.jwksURL", "keys")},
		"database.host is postgres://db":                         {files: base, set: tree("database.host", "postgres://db")},
		"cache.url is foo: it must be a URL":                     {files: base, set: tree("cache.url", "foo")},
		"cache.url is redis://:secret@cache":                     {files: base, set: tree("cache.url", "redis://:secret@cache")},
		"events.sink is foo: it must be a URL":                   {files: base, set: tree("events.sink", "foo")},
		"domain.host is https://x.example":                       {files: base, set: tree("domain.host", "https://x.example")},
		"sweep.schedule is foo: it must be five fields":          {files: base, set: tree("sweep.schedule", "foo")},
		"backup.schedule is * * * *:":                            {files: base, set: tree("backup.schedule", "* * * *")},
		"backup.size is lots: it must be a size":                 {files: base, set: tree("backup.size", "lots")},
		"postgres.size is 5:":                                    {files: base, set: tree("postgres.size", "5")},
		"postgres.sharedBuffers is 64mb":                         {files: base, set: tree("postgres.sharedBuffers", "64mb")},
		"redis.maxMemory is foo: it must be memory":              {files: base, set: tree("redis.maxMemory", "foo")},
		"chat.url is models.example: it must be a URL":           {files: base, set: tree("chat.url", "models.example", "chat.model", "m")},
		"telemetry.endpoint is collector:4318: it must be":       {files: base, set: tree("telemetry.endpoint", "collector:4318")},
		"telemetry.endpoint is not set":                          {files: base, set: tree("telemetry.env", map[string]any{"OTEL_TRACES_SAMPLER": "always_on"})},
		"telemetry.env has PATH: it takes what begins":           {files: base, set: tree("telemetry.endpoint", "http://collector:4318", "telemetry.env", map[string]any{"PATH": "/"})},
		"chat.model is not set":                                  {files: base, set: tree("chat.url", "https://models.example/v1")},
		"chat.url is not set":                                    {files: base, set: tree("chat.existingSecret", "key")},
		"kagent.apiVersion is v1: it must be a version":          {files: base, set: tree("kagent.apiVersion", "v1")},
		"kagent.controllerURL is kagent: it must be":             {files: base, set: tree("kagent.controllerURL", "kagent")},
		"kagent.toolServerURL is tools":                          {files: base, set: tree("kagent.toolServerURL", "tools")},
		"kagent.model.baseURL is models":                         {files: base, set: tree("kagent.model.baseURL", "models")},
		"kagent.round.schedule is often":                         {files: base, set: tree("kagent.round.schedule", "often")},
		"kagent.model.provider is Anthropic":                     {files: base, set: tree("kagent.enabled", true, "kagent.model.provider", "Anthropic", "kagent.model.baseURL", "https://models.example")},
		"kagent.enabled needs functions.health":                  {files: base, set: tree("kagent.enabled", true, "functions.health.enabled", false, "functions.web.enabled", false)},
		"kagent.model.provider must be one of":                   {files: base, set: tree("kagent.model.provider", "Oracle")},
		"jobs.wait is foo: it must be a time":                    {files: base, set: tree("jobs.wait", "foo")},
		"functions.list.resources: memory 128M must be in whole": {files: base, set: tree("functions.list.resources.limits.memory", "128M")},
		"functions.list.resources: cpu 0.5 must be whole CPUs":   {files: base, set: tree("functions.list.resources.limits.cpu", 0.5)},
		"requests.memory 256Mi is more than limits.memory 128Mi": {files: base, set: tree("functions.list.resources.requests.memory", "256Mi")},
		"jobs.resources: requests.cpu 1 is more than limits.cpu": {files: base, set: tree("jobs.resources.requests.cpu", 1)},
	} {
		if _, err := r.render(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v", want, err)
		}
	}
}

// leaves returns every value that can be set, by its path.
func leaves(at map[string]any, prefix string) map[string]any {
	found := map[string]any{}
	for key, value := range at {
		if below, ok := value.(map[string]any); ok && len(below) > 0 {
			maps.Copy(found, leaves(below, prefix+key+"."))
		} else {
			found[prefix+key] = value
		}
	}
	return found
}

// other returns a value that the schema admits in place of one.
func other(path string, value any) any {
	special := map[string]any{
		"images": map[string]any{"create": "another"}, "defaults.env": map[string]any{"NAME": "value"},
		"monitoring.labels": map[string]any{"label": "value"}, "jobs.annotations": map[string]any{"name": "value"}, "imagePullSecrets": []any{"pull"}, "gateway.hostnames": []any{"other.example"},
		"database.cidrs": []any{"10.0.0.0/8"}, "chat.cidrs": []any{"10.0.0.0/8"}, "telemetry.cidrs": []any{"10.0.0.0/8"}, "telemetry.env": map[string]any{"OTEL_TRACES_SAMPLER": "always_on"}, "defaults.uses": []any{"sink"}, "defaults.visibility": "cluster-local", "defaults.image": "list", "functions.watch.image": "update",
		"defaults.scaling.class": "hpa", "defaults.scaling.metric": "rps", "settings.logLevel": "debug", "database.sslmode": "require",
		"networkPolicy.dns.namespaces": []any{"openshift-dns"}, "networkPolicy.dns.cidrs": []any{"169.254.20.10/32"}, "networkPolicy.dns.ports": []any{5353},
		"networkPolicy.apiServer.cidrs": []any{"10.0.0.1/32"}, "networkPolicy.apiServer.ports": []any{6443}, "networkPolicy.egressPorts": []any{9000},
		"functionPrefix": "b-", "settings.timeZone": "Europe/Berlin", "sweep.schedule": "*/5 * * * *", "backup.schedule": "@weekly", "backup.size": "7Gi",
		"postgres.size": "7Gi", "postgres.sharedBuffers": "77MB", "redis.maxMemory": "77mb", "jobs.wait": "1h30m", "settings.rateLimit": "7/m",
		"kagent.apiVersion": "kagent.dev/v1alpha3", "kagent.model.provider": "Anthropic", "kagent.round.schedule": "@hourly",
		"defaults.scaling.targetUtilization": 50, "defaults.passwords": "files",
		"database.reservedConnections": 999, "auth.mode": "apikey", "auth.jwt.jwksURL": "https://keys.example/",
	}
	if v, ok := special[path]; ok {
		return v
	}
	switch v := value.(type) {
	case bool:
		return !v
	case float64:
		return v + 1
	case []any: // what a function uses
		return v[1:]
	case string:
		switch {
		case strings.HasSuffix(path, ".cpu"):
			return "77m"
		case strings.HasSuffix(path, ".memory"):
			return "77Mi"
		}
		return v + "7"
	}
	return nil
}

func TestEveryValueDoesSomething(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(root, "chart", "values.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var values map[string]any
	if err := yaml.Unmarshal(data, &values); err != nil {
		t.Fatal(err)
	}
	// What one part makes needless is tried with that part switched off.
	everything := tree("telemetry.endpoint", "http://collector:4318", "telemetry.existingSecret", "headers", "chat.url", "https://models.example/v1", "chat.model", "m", "chat.existingSecret", "key", "kagent.enabled", true, "kagent.taskSecret", "tasks", "kagent.model.secret", "model", "auth.mode", "both", "auth.jwt.issuer", "https://issuer.example", "auth.jwt.audience", "todo", "auth.oidc.clientID", "page", "monitoring.podMonitor", true, "monitoring.rules", true, "monitoring.dashboard", true,
		"functions.list.scaling.minScale", 2, "functions.another.image", "list", "postgres.maxConnections", 1000,
		"database.host", "db.example", "gateway.parent.name", "gate", "settings.publicURL", "https://todo.example", "global.existingSecret", "mine", "events.sink", "http://sink.example", "domain.host", "a.example", "domain.issuer", "b")
	apart := tree("resourceQuota.enabled", false, "auth.mode", "none", "postgres.enabled", false, "redis.enabled", false, "backup.enabled", false,
		"database.host", "db.example", "global.existingSecret", "mine", "settings.publicURL", "https://todo.example", "database.maxConnections", 1000, "cache.url", "rediss://cache.example",
		"gateway.enabled", true, "gateway.parent.name", "gate")
	for path, value := range leaves(values, "") {
		change := other(path, value)
		if change == nil {
			t.Errorf("%s: no other value is known here", path)
			continue
		}
		moved := false
		var refusal error
		for _, scenario := range []map[string]any{everything, apart} {
			set := func() map[string]any {
				clone, err := json.Marshal(scenario)
				if err != nil {
					t.Fatal(err)
				}
				var own map[string]any
				json.Unmarshal(clone, &own)
				return own
			}
			base := release{files: []string{"values-ko.yaml"}, set: set()}
			changed := release{files: base.files, set: set()}
			put(changed.set, strings.Split(path, "."), change)
			after, err := changed.render()
			if err != nil { // refusing it is doing something; being ignored is not
				refusal = err
				continue
			}
			moved = moved || !maps.Equal(rendered(t, base), after)
		}
		if !moved && refusal == nil {
			t.Errorf("%s changes nothing", path)
		} else if !moved && !strings.Contains(refusal.Error(), "templates/checks.yaml") {
			t.Errorf("%s could not be tried: %v", path, refusal)
		}
	}
}
