-- serves: 1
-- What owners say to their tasks, and what is answered.
create table conversations (
  owner_id text collate "C" not null,
  id uuid not null,
  title text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null, -- when something was said last
  messages integer not null default 0, -- how many there are
  turn uuid, -- the message that is being answered
  turn_until timestamptz, -- by when it is, or its pod has died
  primary key (owner_id, id)
);
create index conversations_latest on conversations (owner_id, updated_at, id);

create table messages (
  owner_id text collate "C" not null,
  conversation_id uuid not null,
  seq integer not null, -- in the order in which they were said
  id uuid not null,
  role text not null check (role in ('user', 'assistant')),
  body text not null,
  created_at timestamptz not null,
  answers uuid, -- of the assistant's: the message that it answers
  calls text, -- JSON as models write it, which jsonb would not take
  understood_by text not null default '',
  turns integer not null default 0, -- what the answer cost
  input_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  primary key (owner_id, conversation_id, seq),
  foreign key (owner_id, conversation_id) references conversations on delete cascade
);

-- What an answer asks a yes for, with the very arguments that a yes carries out.
create table confirmations (
  owner_id text collate "C" not null,
  conversation_id uuid not null,
  id uuid not null,
  message_id uuid not null, -- that asks
  name text not null, -- of the tool
  arguments text not null, -- JSON
  question text not null,
  state text not null check (state in ('waiting', 'taken', 'done', 'dropped')),
  answer_id uuid, -- the message that says what came of it
  primary key (owner_id, conversation_id, id),
  foreign key (owner_id, conversation_id) references conversations on delete cascade
);

-- Idempotency keys of what is said. They outlive a conversation that is deleted,
-- so that nothing is said again in another.
create table chat_keys (
  owner_id text collate "C" not null,
  key text collate "C" not null,
  digest bytea not null, -- of the request that the key belongs to
  conversation_id uuid not null,
  message_id uuid not null,
  created_at timestamptz not null,
  primary key (owner_id, key)
);
create index chat_keys_by_age on chat_keys (owner_id, created_at);

-- What owners have a language model read and write.
create table chat_tokens (
  owner_id text collate "C" not null,
  day date not null, -- UTC
  tokens bigint not null,
  primary key (owner_id, day)
);

do $$
declare name text;
begin
  foreach name in array array['conversations', 'messages', 'confirmations', 'chat_keys', 'chat_tokens'] loop
    execute format('alter table %I enable row level security', name);
    execute format('grant select, insert, update, delete on %I to todo_app', name);
    execute format($p$create policy own_rows on %I to todo_app
      using (owner_id = nullif(current_setting('app.owner', true), ''))$p$, name);
  end loop;
end $$;
