-- A column and an index for each order that a list can have, so that a page
-- behind a cursor costs what the first one does.
--
-- Columns, because under row-level security an index is not searched with the
-- result of lower() or coalesce(): PostgreSQL does not count them among what
-- cannot leak a row. The title's is in "C", because other collations change
-- with the system they come from. What has no due date comes last in either
-- direction; what was never changed counts as changed when it was created.

alter table tasks
    add column change_order timestamptz
        generated always as (coalesce(updated_at, created_at)) stored,
    add column due_order date
        generated always as (coalesce(due_date, 'infinity'::date)) stored,
    add column due_order_desc date
        generated always as (coalesce(due_date, '-infinity'::date)) stored,
    add column title_order text collate "C"
        generated always as (lower(title)) stored;

create index tasks_by_change_idx on tasks (user_id, change_order, id);
create index tasks_by_due_date_idx on tasks (user_id, due_order, id);
create index tasks_by_due_date_desc_idx on tasks (user_id, due_order_desc, id);
create index tasks_by_title_idx on tasks (user_id, title_order, id);
