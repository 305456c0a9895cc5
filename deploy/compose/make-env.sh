#!/bin/sh
# Prints an .env for cluster.yaml with fresh passwords: ./make-env.sh > .env
set -eu
umask 077

# A letter first and nothing but letters and digits: nats-server reads a password as a part of its configuration, where
# digits would begin a number.
password() { printf 'p%s' "$(od -An -tx1 -N16 /dev/urandom | tr -d ' \n')"; }

for user in route ingest processor postback callback eventbridge reader admin; do
	printf 'NATS_%s_PASSWORD=%s\n' "$(printf %s "$user" | tr '[:lower:]' '[:upper:]')" "$(password)"
done
