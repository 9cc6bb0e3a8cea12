# What there is to do here; `make help` lists it. Needs a JDK 25 or newer, which bin/find-java finds, and Maven.

SHELL := /bin/sh
MAVEN := mvn -B -ntp
BUILD := make/build-if-needed

.DEFAULT_GOAL := help
.PHONY: help build standalone cluster cluster-node cluster-status cluster-stop cli check test test-one \
	test-clients test-valkey transcripts simulate bench-engine bench-cluster bench-scale soak format javadoc diagrams \
	dist clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-14s %s\n", $$1, $$2 }' Makefile

build: ## build everything that has changed, without tests
	@$(BUILD)

standalone: ## run one node in the foreground; nothing else is needed; Ctrl-C ends it
	@$(BUILD) && exec bin/caskade-server conf/standalone/server.yaml

cluster: ## run a ZooKeeper and three nodes in the background; waits until they serve and shows where
	@$(BUILD) && exec bin/caskade-cluster start

cluster-node: ## start one node of the cluster again, N=2, or have another join it, N=4
	@$(BUILD) && exec bin/caskade-cluster node $(N)

cluster-status: ## show what is running of the cluster, and where
	@exec bin/caskade-cluster status

cluster-stop: ## stop the cluster; data/ stays
	@exec bin/caskade-cluster stop

cli: ## the shell; ARGS='get hello' runs one command, `make -s cli < script` several
	@$(BUILD) </dev/null >&2 && exec bin/caskade $(ARGS)

check: ## check format, compiler warnings, architecture and tidiness, without the other tests
	@make/check

test: ## build, check and test everything
	@JAVA_HOME=$$(bin/find-java) && export JAVA_HOME && $(MAVEN) -T 2 verify </dev/null

test-clients: ## run other languages' clients of Redis against nodes of their own; CLIENTS='ioredis redis-cli' runs some
	@$(BUILD) && make/test-clients $(CLIENTS)

test-one: ## run one test class or method, in whichever module it is: T=KeydirTest or T='KeydirTest#aMethod'
	@make/test-one '$(T)' $(ARGS)

test-valkey: ## run Valkey's tests against a node: VALKEY=DIR names a checkout, SUITE=unit/type/string runs one
	@$(if $(NODE),,$(BUILD) </dev/null >&2 &&) make/test-valkey $(SUITE)

transcripts: ## rewrite the transcripts of replicas and show which changed
	@make/transcripts

simulate: ## run the cluster simulation: SEEDS=1000 runs many, SEED=7 replays one, SHRINK=1 with fewer faults
	@JAVA_HOME=$$(bin/find-java) && export JAVA_HOME && $(MAVEN) -q test -pl server -am -Dtest='SimulationTest#clusters*' \
		-Dsurefire.failIfNoSpecifiedTests=false -Dsurefire.useFile=false \
		$(if $(SEED),-Dsimulation.seed=$(SEED),-Dsimulation.seeds=$(or $(SEEDS),1000)) \
		$(if $(SHRINK),-Dsimulation.shrink=true) </dev/null

bench-engine: ## measure the engine beside RocksDB, LMDB and MapDB; QUICK=1 takes about three minutes
	@make/bench engine $(if $(QUICK),quick,full) $(ENGINES)

bench-cluster: ## compare a cluster with installed peers in half an hour, QUICK=1 in 8 minutes; ARGS='--help' has more
	@$(BUILD) && make/bench cluster $(or $(ARGS),compare$(if $(QUICK), --quick))

bench-scale: ## measure what nodes and partitions cost the controller, ZooKeeper and a node; takes about six minutes
	@$(BUILD) && make/bench scale

soak: ## load a cluster of its own for MINUTES=60, with kills, a small disk and low limits; fails on leaks and wrong answers
	@$(BUILD) </dev/null >&2 && make/soak $(or $(MINUTES),60) $(ARGS)

format: ## format the code as the checks want it
	@JAVA_HOME=$$(bin/find-java) && export JAVA_HOME && $(MAVEN) -q spotless:apply </dev/null

javadoc: ## write the documentation of the engine's and the client's API into target/javadoc
	@make/javadoc

diagrams: ## draw the diagrams of docs/ from docs/diagrams/; needs Graphviz
	@make/diagrams

dist: ## make dist/caskade-VERSION.tar.gz
	@$(BUILD) && make/dist

clean: ## remove what was built; data/ stays
	@rm -rf target dist */target
