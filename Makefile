# The commands of this repository. `make` alone lists them.

WIGWAG_ARGS ?=
FUZZ ?=
PARTS ?=
SECONDS ?= 600
MINUTES ?= 30

.PHONY: help run build console test bench load fuzz torture

help:
	@echo "make run     build Wigwag and start it on ./data (WIGWAG_ARGS=\"--listen 0.0.0.0:8030\" for more)"
	@echo "make console build the console in the browser only (web/)"
	@echo "make test    everything that must hold: formatting, lints, all suites on both engines, real SDKs"
	@echo "make bench   measure, against peers, in one run: figures go to bench/results/ (PARTS=\"delivery events\" for some)"
	@echo "make load    everything at once on one server (MINUTES=30): no error, no growth of memory"
	@echo "make fuzz    the differential test of the evaluator, without end (FUZZ=policies, requests, sdks, events or files for others)"
	@echo "make torture kill servers under load at random instants and look at what is left (SECONDS=600 of each engine)"
	@echo "Chores: cargo xtask help"

console:
	@scripts/needs console
	@scripts/console

build: console
	@scripts/needs build
	cargo build --release --package wigwag

run: build
	./target/release/wigwag serve --data-dir ./data $(WIGWAG_ARGS)

test:
	@scripts/test

bench:
	@scripts/needs bench
	@scripts/bench $(PARTS)

load:
	@scripts/needs build
	@MINUTES=$(MINUTES) scripts/bench load

fuzz:
	@scripts/needs build
	@scripts/fuzz $(FUZZ)

torture:
	@scripts/needs build
	@scripts/torture $(SECONDS)
