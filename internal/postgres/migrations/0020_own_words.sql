-- serves: 1
-- What of an answer a language model said itself: the rest of its body are sentences
-- of ours, which may quote tasks and are not told to a model as its own words. Of older
-- answers it is not known; of those that used tools a model is told what those said.
alter table messages add column own_words text not null default '';
