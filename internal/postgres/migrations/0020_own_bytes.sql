-- serves: 1
-- How many bytes of an answer, from its beginning, a language model said itself: the
-- rest of its body are sentences of ours, which may quote tasks and are not told to a
-- model as its own words. Of what rules answer it is null, and of older answers, of which
-- it is not known: of those that used tools a model is told what those said.
alter table messages add column own_bytes integer;
