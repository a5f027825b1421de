VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
FUZZTIME ?= 10s

STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
LDFLAGS     = -X todo-app/internal/app/function.Version=$(VERSION)

.DEFAULT_GOAL = help
.PHONY: help run build test check vet fmt lint lint-api fuzz bench generate clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: deps-run build ## Run everything in one process, with a PostgreSQL of its own
	@exec bin/todo serve

build: ## Build bin/todo
	@go build -buildvcs=false -trimpath -ldflags '$(LDFLAGS)' -o bin/todo ./cmd/todo

test: deps-test vet fmt lint ## Check the sources and run every test under the race detector
	go test -race ./...

check: test ## What every change must pass

vet:
	go vet ./...

fmt:
	@files=$$(gofmt -l .) && test -z "$$files" || { echo "not formatted by gofmt:" $$files; exit 1; }

lint: ## Run staticcheck
	go run $(STATICCHECK) ./...

lint-api: ## Lint the OpenAPI document with Redocly (needs Node)
	npx -y @redocly/cli@2.77.0 lint --skip-rule operation-4xx-response --skip-rule no-required-schema-properties-undefined internal/httpapi/openapi.yaml

fuzz: deps-test ## Fuzz every target for FUZZTIME (10s) each
	@grep -rEo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' . | while IFS=: read -r file name; do \
		go test -run '^$$' -fuzz "^$${name#func }$$" -fuzztime $(FUZZTIME) "$$(dirname "$$file")" || exit 1; \
	done

bench: deps-bench ## Print the measured ratios of speed and cost
	go run ./bench

generate: ## Write all generated files anew
	go generate ./...

clean: ## Remove what was built
	rm -rf bin

deps-%:
	@scripts/install-deps $*
