#!/usr/bin/env bash
# Builds the image and runs it as it is meant to run, without a Docker engine and without an image
# registry: the base comes from Debian's packages, buildah builds, podman and runc run.
#
# Exit status: 0 all checks held, 1 some did not, 77 skipped.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export PATH=/usr/bin:/usr/sbin:/bin:/sbin:$PATH

packages=(buildah podman runc mmdebstrap curl)
cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/rehearsedb
base=$cache/debian-bookworm-slim.tar
image=localhost/rehearsedb:test
size_max=$((16 * 1024 * 1024))
port=$((20000 + RANDOM % 10000))

skip() {
    printf 'skipped: %s\n' "$*"
    exit 77
}

# quietly COMMAND...: its output is only shown when it fails.
quietly() {
    local output
    if ! output=$("$@" 2>&1 </dev/null); then
        printf '%s\n' "$output" >&2
        return 1
    fi
}

# --- tools and the base image -----------------------------------------------------------------

install_tools() {
    local package missing=()
    for package in "${packages[@]}"; do
        command -v "$package" >/dev/null || missing+=("$package")
    done
    ((${#missing[@]} > 0)) || return 0
    command -v apt-get >/dev/null || skip "needs ${missing[*]}"
    printf 'installing %s\n' "${missing[*]}"
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300)
    quietly "${apt[@]}" update || skip "apt-get update failed"
    quietly "${apt[@]}" install --no-install-recommends "${missing[@]}" ||
        skip "cannot install ${missing[*]}"
}

# The machine's own sources of Debian's packages, which the build uses too; no image keeps them.
apt_sources() {
    find /etc/apt/sources.list /etc/apt/sources.list.d/debian.sources -size +0 2>/dev/null || true
}

apt_options() {
    apt-config dump | grep -E '^Acquire::(http|https|Check|Retries|ForceIPv4)' || true
}

# A slim Debian, as the official image is made, kept for a day.
make_base() {
    mkdir -p "$cache"
    if [[ -n $(find "$base" -mmin -1440 2>/dev/null) ]]; then
        return
    fi
    printf 'making the base image\n'
    local sources
    mapfile -t sources < <(apt_sources)
    # shellcheck disable=SC2016 # mmdebstrap's shell expands $1
    quietly mmdebstrap --mode=root --variant=minbase \
        --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr --include=usr-is-merged \
        --aptopt='Acquire::Languages "none"' --aptopt="$work/apt.conf" \
        --aptopt='Dir::Cache::pkgcache ""' --aptopt='Dir::Cache::srcpkgcache ""' \
        --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' \
        --customize-hook='rm -rf "$1"/etc/apt/sources.list "$1"/etc/apt/sources.list.d/*' \
        bookworm "$work/base.tar" "${sources[@]}" || skip "cannot make a base image"
    mv "$work/base.tar" "$base"
}

# --- building and running ---------------------------------------------------------------------

engine() { # podman or buildah on a store of our own
    local program=$1
    shift
    "$program" --root "$work/store" --runroot "$work/run" --storage-driver "$driver" "$@"
}

choose_driver() {
    driver=overlay
    quietly engine podman info 2>/dev/null || driver=vfs
}

build_image() {
    quietly engine podman import --change CMD=/bin/bash "$base" \
        docker.io/library/debian:bookworm-slim
    local source mounts=(-v "$work/apt.conf:/etc/apt/apt.conf.d/99host:ro")
    while IFS= read -r source; do
        mounts+=(-v "$source:$source:ro")
    done < <(apt_sources)
    quietly engine buildah bud --isolation chroot --network host --pull-never --format docker \
        "${mounts[@]}" -f docker/Dockerfile -t "$image" .
}

# run_image NAME [flags]: read-only, no capabilities. podman would raise the limits by itself,
# which not every machine allows.
run_image() {
    local name=$1
    shift
    engine podman --runtime runc run --name "$name" --network host \
        --ulimit nofile=1024:4096 --ulimit nproc=1024:1024 \
        --read-only --cap-drop ALL --security-opt no-new-privileges \
        --memory 256m --pids-limit 64 -e REHEARSEDB_PORT="$port" "$@"
}

cleanup() {
    engine podman rm --force --all >/dev/null 2>&1 || true
    umount "$work/store/overlay" 2>/dev/null || true
    rm -rf "$work"
}

# --- checks -----------------------------------------------------------------------------------

passed=0
failed=0

# check WHAT COMMAND...
check() {
    local what=$1
    shift
    if "$@" >"$work/check.log" 2>&1; then
        passed=$((passed + 1))
        printf 'ok      %s\n' "$what"
    else
        failed=$((failed + 1))
        printf 'FAILED  %s\n' "$what"
        cat "$work/check.log"
    fi
}

configured() { # configured FORMAT EXPECTED
    local value
    value=$(engine podman image inspect --format "$1" "$image")
    printf '%s\n' "$value"
    [[ $value == "$2" ]]
}

is_small() {
    local size
    size=$(engine podman image inspect --format '{{.Size}}' "$image")
    printf '%s bytes\n' "$size"
    ((size < size_max))
}

# within_seconds N COMMAND...: tries until it succeeds; shows the last try's output.
within_seconds() {
    local end=$((SECONDS + $1)) status=0
    shift
    while true; do
        "$@" >"$work/try.log" 2>&1 && status=0 || status=$?
        if ((status == 0 || SECONDS > end)); then
            cat "$work/try.log"
            return "$status"
        fi
        sleep 0.1
    done
}

is_healthy() {
    within_seconds 10 engine podman healthcheck run server || {
        engine podman logs server
        return 1
    }
}

process_field() { # process_field FIELD EXPECTED, of the server's process
    local pid
    pid=$(engine podman inspect --format '{{.State.Pid}}' server)
    grep -E "^$1:" "/proc/$pid/status"
    grep -qE "^$1:[[:space:]]*$2\$" "/proc/$pid/status"
}

call() { # call OPERATION BODY, to DynamoDB's API
    curl --silent --show-error --fail-with-body --max-time 10 "http://127.0.0.1:$port/" \
        -H 'Content-Type: application/x-amz-json-1.0' \
        -H "X-Amz-Target: DynamoDB_20120810.$1" \
        -H 'X-Amz-Date: 20260101T000000Z' \
        -H 'Authorization: AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=0' \
        -d "$2"
}

create_table() {
    call CreateTable '{"TableName": "Notes", "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "Id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "Id", "KeyType": "HASH"}]}'
    within_seconds 10 table_is_active
}

table_is_active() {
    call DescribeTable '{"TableName": "Notes"}' | grep '"TableStatus": *"ACTIVE"'
}

put_item() {
    call PutItem '{"TableName": "Notes", "Item": {"Id": {"S": "a"}, "Note": {"S": "still here"}}}'
}

item_is_there() {
    call GetItem '{"TableName": "Notes", "Key": {"Id": {"S": "a"}}}' | grep 'still here'
}

stops_cleanly() {
    engine podman stop --time 10 server
    local status
    status=$(engine podman inspect --format '{{.State.ExitCode}}' server)
    printf 'exit status %s\n' "$status"
    ((status == 0))
}

refuses_unwritable_data() {
    mkdir -m 0755 "$work/not-ours"
    local output status=0
    output=$(run_image refused --rm --timeout 20 -v "$work/not-ours:/data" "$image" 2>&1) || status=$?
    printf '%s\nexit status %s\n' "$output" "$status"
    ((status == 3)) && [[ $output == */data* ]]
}

# --- the test ---------------------------------------------------------------------------------

((EUID == 0)) || skip "not root, so no container can be run here"
grep -q '^VERSION_CODENAME=bookworm' /etc/os-release || skip "needs Debian 12's packages for the base"
install_tools

work=$(mktemp -d "${TMPDIR:-/var/tmp}/rehearsedb-image.XXXXXX")
trap cleanup EXIT
trap 'exit 1' INT TERM
apt_options >"$work/apt.conf"
choose_driver
make_base

printf 'building the image\n'
build_image

check "is smaller than $((size_max >> 20)) MB" is_small
check 'runs as 65532' configured '{{.Config.User}}' 65532:65532
check 'exposes port 8000' configured '{{json .Config.ExposedPorts}}' '{"8000/tcp":{}}'
check 'keeps its data in a volume' configured '{{json .Config.Volumes}}' '{"/data":{}}'
check 'has a health check' configured '{{json .HealthCheck.Test}}' \
    '["CMD","/usr/local/bin/rehearsedb","health"]'

check 'starts' run_image server --detach -v data:/data "$image"
check 'is healthy' is_healthy
check 'is not root' process_field Uid '65532.65532.65532.65532'
check 'has no capabilities' process_field CapEff 0+
check 'creates a table' create_table
check 'puts an item' put_item
check 'stops with exit status 0' stops_cleanly
check 'starts again' engine podman --runtime runc start server
check 'is healthy again' is_healthy
check 'still has the item' item_is_there
check 'stops again' stops_cleanly
check 'says so when it cannot write its data' refuses_unwritable_data

printf '%d checks passed, %d failed\n' "$passed" "$failed"
((failed == 0))
