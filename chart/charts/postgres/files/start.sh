#!/bin/sh
# Starts PostgreSQL; where there is no cluster yet, makes one with the database
# and its owner first. Any image with PostgreSQL's programs will do.
set -eu
export PATH="$PG_BIN:$PATH" PGDATA=/data/pg
secrets=/run/secrets/todo-app

refuse() {
	echo "$*" >&2
	exit 1
}

# quoted prints a file as an SQL string.
quoted() {
	rest=$(cat "$1") out=
	while [ "${rest#*\'}" != "$rest" ]; do
		out="$out${rest%%\'*}''"
		rest=${rest#*\'}
	done
	printf "'%s'" "$out$rest"
}

single() {
	postgres --single -j -D "$PGDATA.new" "$1"
}

if [ ! -e "$PGDATA" ]; then
	# Beside its final place, so that one cut short is begun anew.
	rm -rf "$PGDATA.new"
	initdb --pgdata="$PGDATA.new" --username=postgres --pwfile="$secrets/postgres-password" \
		--auth=scram-sha-256 --encoding=UTF8 --locale=C >/dev/null
	echo 'host all all all scram-sha-256' >>"$PGDATA.new/pg_hba.conf"
	printf '%s\n\n' "create role todo login createrole password $(quoted "$secrets/owner-password");" \
		'create database todo owner todo;' | single postgres >/dev/null
	# A server for one user ends well whatever becomes of its statements.
	printf 'select 1;\n\n' | single todo >/dev/null || refuse "the database todo could not be made"
	mv "$PGDATA.new" "$PGDATA"
fi
[ -s "$PGDATA/PG_VERSION" ] || refuse "$PGDATA has no PG_VERSION: it is damaged, and nothing here touches it"
made=$(cat "$PGDATA/PG_VERSION")
case $(postgres --version) in
*") $made"[!0-9]*) ;;
*) refuse "$PGDATA was made by PostgreSQL $made, and this is $(postgres --version): docs/operations.md says how to move" ;;
esac
exec postgres \
	-c listen_addresses='*' \
	-c unix_socket_directories=/tmp \
	-c max_connections="$MAX_CONNECTIONS" \
	-c shared_buffers="$SHARED_BUFFERS" \
	-c password_encryption=scram-sha-256 \
	-c log_line_prefix='%m [%p] %u@%d '
