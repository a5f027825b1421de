#!/bin/sh
# Writes one dump, complete or not at all, and removes the oldest beyond KEEP.
set -eu
export PATH="$PG_BIN:$PATH"
PGPASSWORD=$(cat "$PASSWORD_FILE")
export PGPASSWORD
until pg_isready --quiet; do sleep 1; done # the Job's deadline ends this

# A database without owners is one that was just made. Its dump must not become the newest.
# One that cannot be asked is none of those: that fails.
owners=0
there=$(psql -At -c "select to_regclass('public.owners') is not null")
[ "$there" = f ] || owners=$(psql -At -c "select count(*) from (select from owners limit 1) any_owner")
if [ "$owners" = 0 ] && ls /dumps/todo-*.dump >/dev/null 2>&1; then
	echo "nothing to dump; what there is stays the newest"
	exit 0
fi

rm -f /dumps/.todo-*.dump # of one that was killed
name=todo-$(date -u +%Y%m%dT%H%M%SZ).dump
trap 'rm -f "/dumps/.$name"' EXIT
pg_dump --format=custom --file="/dumps/.$name"
pg_restore --list "/dumps/.$name" >/dev/null
mv "/dumps/.$name" "/dumps/$name"
sync
ls -1 /dumps/todo-*.dump | sort -r | tail -n "+$((KEEP + 1))" | while read -r old; do rm -f "$old"; done
ls -l "/dumps/$name"
