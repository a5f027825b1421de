VERSION  ?= $(shell scripts/version)
FUZZTIME ?= 10s
TORTURE  ?= 30m

AIR         = github.com/air-verse/air@v1.67.4
DEADCODE    = golang.org/x/tools/cmd/deadcode@v0.52.0
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2

# As images are compiled, so that what one of these compiles, the others and the
# tests find compiled: the libraries of telemetry and of language models take minutes.
AS_IMAGES   = CGO_ENABLED=0 GOFLAGS='-trimpath -buildvcs=false'
LDFLAGS     = -X todo-app/internal/app/function.Version=$(VERSION)

.DEFAULT_GOAL = help
.PHONY: help run dev build test test-go test-manifests check vet vet-windows fmt lint lint-api inspect-mcp vulnerabilities fuzz torture bench picture generate clean \
	images release reproducible deploy minikube cluster cluster-down e2e

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: deps-run build ## Run everything in one process, with a PostgreSQL of its own
	@exec bin/todo serve

dev: deps-run ## The same, built and started again whenever a source is saved
	@go run $(AIR)

build: ## Build bin/todo
	@$(AS_IMAGES) go build -ldflags '$(LDFLAGS)' -o bin/todo ./cmd/todo

test: deps-test vet vet-windows fmt lint test-go test-manifests ## Check the sources and run every test that needs no cluster

test-go:
	go test -race -timeout 30m ./... # the page's take minutes, and more where others share the cores
	$(AS_IMAGES) go test -tags otel ./internal/telemetry/...

test-manifests:
	$(AS_IMAGES) go -C test/manifests vet ./...
	$(AS_IMAGES) go -C test/manifests test -count=1 ./... # it reads files that Go does not know of

check: test ## What every change must pass

vet:
	$(AS_IMAGES) go vet ./...
	$(AS_IMAGES) go vet -tags e2e ./test/e2e
	$(AS_IMAGES) go vet -tags otel ./internal/telemetry/...

fmt:
	@files=$$(gofmt -l .) && test -z "$$files" || { echo "not formatted by gofmt:" $$files; exit 1; }

lint: ## Run staticcheck, and look for what no program reaches
	$(AS_IMAGES) go run $(STATICCHECK) ./...
	$(AS_IMAGES) go run $(STATICCHECK) -tags otel ./internal/telemetry/...
	@# What only tests reach belongs into them, or into a folder that they alone link.
	@found=$$($(AS_IMAGES) go run $(DEADCODE) ./...) || exit 1; \
		dead=$$(echo "$$found" | grep -v '^[^:]*test/') && { echo "$$dead"; exit 1; } || true

# The command is released for Windows, too: its types are read as they are there, which takes a tenth of the time
# of compiling it. -exec has the reader, which is compiled for this system, look at that one.
vet-windows:
	@$(AS_IMAGES) go run -exec 'env GOOS=windows CGO_ENABLED=0' $(DEADCODE) ./cmd/todo >/dev/null

# Skipped: probes, metrics and documents refuse nobody, so that they have no 4xx; and a new task requires what the schema it is made of defines.
lint-api: ## Lint the OpenAPI document with Redocly (needs Node)
	npx -y @redocly/cli@2.77.0 lint --skip-rule operation-4xx-response --skip-rule no-required-schema-properties-undefined internal/httpapi/openapi.yaml

inspect-mcp: build ## Have the MCP project's inspector use todo mcp, on the service of the current context or TODO_URL (needs Node)
	@scripts/inspect-mcp bin/todo

vulnerabilities: ## Look for known vulnerabilities in what is called (needs vuln.go.dev)
	@scripts/vulnerabilities

fuzz: deps-test ## Fuzz every target for FUZZTIME (10s) each
	@grep -rEo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' . | while IFS=: read -r file name; do \
		go test -run '^$$' -fuzz "^$${name#func }$$" -fuzztime $(FUZZTIME) "$$(dirname "$$file")" || exit 1; \
	done

torture: deps-test ## Kill, cut, delay and deceive the service for TORTURE (30m), and count what is lost
	go test -count=1 -v -timeout 0 ./test/torture -for $(TORTURE)

bench: deps-bench ## Print the measured ratios of speed and cost
	go run ./bench

picture: ## Make the README's picture of the page anew
	go test ./internal/web/pagetest -count=1 -run ThePictureOfTheReadme -picture "$(CURDIR)/docs/page.png"

generate: ## Write all generated files anew
	go generate ./...
	go -C test/manifests run .

images: ## Build the images with ko, push them to KO_DOCKER_REPO and note their digests for Helm (TAGS=otel: with OpenTelemetry)
	@scripts/images

release: ## Make all that a release consists of, in dist/; the images go to KO_DOCKER_REPO. SNAPSHOT=1: of any commit, and without KO_DOCKER_REPO to nowhere
	@scripts/release

reproducible: ## Make it twice and compare the bytes
	@scripts/reproducible

deploy: ## Build one function and have the cluster run it: make deploy FN=list
	@scripts/deploy $(FN)

minikube: ## Bring everything up on Minikube
	@scripts/minikube

cluster: ## Start a Kubernetes with Knative on this machine, where Minikube cannot run (Debian, root)
	@test/cluster/cluster up

cluster-down: ## Stop it
	@test/cluster/cluster down

e2e: cluster ## Prove the chart, the images and config/ on that cluster; STEP='an upgrade' for such steps only
	@go mod download
	@test/cluster/cluster run go test -tags e2e -count=1 -v -timeout 60m -run 'TestTheServiceOnKnative/$(STEP)' ./test/e2e

clean: ## Remove what was built
	rm -rf bin build dist

deps-%:
	@scripts/install-deps $*
