# The project's commands. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help run build test lint check bench lme4 e2e clean

GO ?= go
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
STATICCHECK := $(GO) tool -modfile=tools/go.mod staticcheck
# One throwaway PostgreSQL serves all tests of a run.
WITHDB := $(GO) run ./scripts/withdb
PGBIN := $(shell cat .run/pgbin 2>/dev/null)
ifneq ($(PGBIN),)
export PINGYI_PG_BINDIR ?= $(PGBIN)
endif

help: ## list the commands
	@grep -hE '^[a-z0-9]+:.*## ' Makefile | sed 's/:.*## /\t/' | expand -t 8

run: ## get what is missing, build, start with the demo county
	@scripts/need-postgres.sh
	@$(MAKE) --no-print-directory build serve

.PHONY: serve
serve:
	@exec bin/pingyi serve --demo

build: ## build bin/pingyi
	@CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-X main.version=$(VERSION)' -o bin/pingyi .

test: ## everything that must pass: format, vet, staticcheck, all tests, browser walks
	@scripts/need-postgres.sh
	@scripts/need-browser.sh
	@$(MAKE) --no-print-directory lint alltests

.PHONY: alltests
alltests:
	REQUIRE_BROWSER=1 $(WITHDB) $(GO) test -timeout 30m ./...

lint: ## format, vet, staticcheck
	@test -z "$$(gofmt -l .)" || { echo "not formatted:"; gofmt -l .; exit 1; }
	$(GO) vet ./...
	$(STATICCHECK) ./...

check: ## the tests with the race detector, without the browser
	@scripts/need-postgres.sh
	$(WITHDB) $(GO) test -race -timeout 20m $$($(GO) list ./... | grep -v /e2e)

bench: ## the benchmarks; see docs/performance.md
	@scripts/need-postgres.sh
	$(WITHDB) $(GO) test -run '^$$' -bench . -benchtime 3x -timeout 20m ./...

lme4: ## the same model fitted by R with lme4 and by us, where R is installed
	OPENBLAS_NUM_THREADS=1 Rscript scripts/lme4/insteval.R
	$(GO) test -run '^$$' -bench 'InstEval$$' -benchtime 3x ./evaluation/mixed

e2e: ## the browser walks alone
	@scripts/need-postgres.sh
	@scripts/need-browser.sh
	REQUIRE_BROWSER=1 $(WITHDB) $(GO) test -count 1 -v -timeout 30m ./e2e/...

clean: ## remove what was built, keep the data
	rm -rf bin
