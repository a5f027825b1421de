#!/bin/sh
# Puts the database back to a dump: all of it in one transaction, or nothing.
# The roles are those that the migration made.
set -eu
export PATH="$PG_BIN:$PATH"
PGPASSWORD=$(cat "$PASSWORD_FILE")
export PGPASSWORD
if [ -z "$FILE" ]; then
	FILE=$(cd /dumps && ls -1 todo-*.dump | sort | tail -n 1)
fi
[ -f "/dumps/$FILE" ] || { echo "there is no dump called $FILE; there are:" && ls -1 /dumps && exit 1; }
echo "restoring $FILE"
pg_restore --clean --if-exists --single-transaction --dbname="$PGDATABASE" "/dumps/$FILE"
echo done
