#!/bin/sh
# Puts the database back to a dump: all of it in one transaction, or nothing.
# What later releases added to the schema goes too; run the migration again
# afterwards. The roles are those that it made.
set -eu
export PATH="$PG_BIN:$PATH"
PGPASSWORD=$(cat "$PASSWORD_FILE")
export PGPASSWORD
if [ -z "$FILE" ]; then
	FILE=$(cd /dumps && ls -1 todo-*.dump | sort | tail -n 1)
fi
[ -f "/dumps/$FILE" ] || { echo "there is no dump called $FILE; there are:" && ls -1 /dumps && exit 1; }
echo "restoring $FILE"
pg_restore --file=/tmp/restore.sql "/dumps/$FILE"
psql --quiet --single-transaction --set ON_ERROR_STOP=1 \
	--command 'drop schema public cascade; create schema public authorization pg_database_owner; grant usage on schema public to public' \
	--file /tmp/restore.sql >/dev/null
echo restored
