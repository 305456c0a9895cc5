#!/bin/sh
# Installs Node.js and npm if this machine has none that is new enough. Clients of other services are tested with them.
set -eu

want=18

found() { command -v npm >/dev/null 2>&1 && node -e "process.exit(parseInt(process.versions.node) >= $want ? 0 : 1)" 2>/dev/null; }

by_hand() {
	echo "Node.js $want or newer with npm is missing and could not be installed here: $1. Install both by hand." >&2
	exit 1
}

if found; then
	exit 0
fi

as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif command -v sudo >/dev/null 2>&1; then
		sudo "$@"
	else
		by_hand "this user is not root and there is no sudo"
	fi
}

echo "Node.js $want or newer is missing: installing it."
command -v apt-get >/dev/null 2>&1 || by_hand "there is no apt"
as_root apt-get update -qq </dev/null || by_hand "apt-get update failed"
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nodejs npm </dev/null >/dev/null || by_hand "apt-get install failed"

found || by_hand "the packages of this system bring $(node --version 2>/dev/null || echo none)"
