-- serves: 1
-- Recurring tasks know the dates that their rule gives. Rows that builds before
-- wrote, or write while they still run, have none: their series begins with the
-- due, which the application reads so.

alter table tasks
  add column recurrence_anchor timestamptz, -- the date the series begins with
  add column recurrence_at timestamptz, -- the date of it that the due stands for, wherever that was moved
  add column recurrence_all_day boolean not null default false, -- those two are days
  -- The occurrence made when this one was completed. No reference: it may be gone.
  add column next_id uuid;
