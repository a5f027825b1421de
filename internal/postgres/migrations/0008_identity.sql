-- serves: 1
-- Who may act for an owner, and the keys by which tokens of others are known.

create table api_keys (
  owner_id text collate "C" not null check (owner_id <> '' and length(owner_id) <= 255),
  id uuid not null unique, -- what a key is found by before it is known whose it is
  name text not null,
  scope text not null check (scope in ('read', 'write')),
  digest bytea not null, -- SHA-256 of the secret, which is kept nowhere
  created_at timestamptz not null,
  expires_at timestamptz,
  last_used_at timestamptz,
  primary key (owner_id, id)
);

alter table api_keys enable row level security;
grant select, insert, update, delete on api_keys to todo_app;
create policy own_rows on api_keys to todo_app
  using (owner_id = nullif(current_setting('app.owner', true), ''));

-- Finding a key says whose it is, so it cannot wait for the owner to be named.
-- Who asks must know the id, and learns of that one key. Its use is noted at
-- most every ten minutes, so that reads do not become writes.
create function find_api_key(wanted uuid) returns setof api_keys
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update public.api_keys k
  set last_used_at = now()
  where k.id = wanted
    and (k.last_used_at is null or k.last_used_at < now() - interval '10 minutes');
  return query select * from public.api_keys k where k.id = wanted;
end $$;

revoke all on function find_api_key from public;
grant execute on function find_api_key to todo_app;

-- The public keys that issuers of tokens publish (JWKS), as last fetched: a
-- pod that starts need not ask the issuer, which may be down. They belong to
-- no owner.
create table key_sets (
  source text primary key,
  document bytea not null,
  fetched_at timestamptz not null
);
grant select, insert, update on key_sets to todo_app;
