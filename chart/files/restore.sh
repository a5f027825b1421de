#!/bin/sh
# Puts the database back to a dump: all of it in one transaction, or nothing.
# What later releases added to the schema goes too; run the migration again
# afterwards. The roles are those that it made. What clients have synced since the
# dump is a past that is gone: a new epoch tells them.
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
	--file /tmp/restore.sql \
	--command "do 'begin
		if exists (select from information_schema.columns where table_name = ''owners'' and column_name = ''epoch'') then
			update public.owners set epoch = (random() * 9007199254740991)::bigint;
		end if;
	end'" >/dev/null
echo restored
