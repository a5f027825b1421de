#!/bin/sh
# Starts PostgreSQL; where there is no cluster yet, makes one with the database
# and its owner first. Any image with PostgreSQL's programs will do.
set -eu
export PATH="$PG_BIN:$PATH" PGDATA=/data/pg
secrets=/run/secrets/todo-app
if [ ! -s "$PGDATA/PG_VERSION" ]; then
	# Beside its final place, so that one cut short is begun anew.
	rm -rf "$PGDATA" "$PGDATA.new"
	initdb --pgdata="$PGDATA.new" --username=postgres --pwfile="$secrets/postgres-password" \
		--auth=scram-sha-256 --encoding=UTF8 --locale=C >/dev/null
	echo 'host all all all scram-sha-256' >>"$PGDATA.new/pg_hba.conf"
	postgres --single -j -D "$PGDATA.new" postgres >/dev/null <<-SQL
		create role todo login createrole password '$(cat "$secrets/owner-password")';

		create database todo owner todo;

	SQL
	mv "$PGDATA.new" "$PGDATA"
fi
exec postgres \
	-c listen_addresses='*' \
	-c unix_socket_directories=/tmp \
	-c max_connections="$MAX_CONNECTIONS" \
	-c shared_buffers="$SHARED_BUFFERS" \
	-c password_encryption=scram-sha-256 \
	-c log_line_prefix='%m [%p] %u@%d '
