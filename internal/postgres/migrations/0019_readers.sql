-- serves: 1
-- Conversations of credentials that may only read are apart from the others, so that
-- what is said with them reaches nobody who may write.
alter table conversations add column reader boolean not null default false;
