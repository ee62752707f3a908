-- What changed since when, without a gap.
--
-- A time would lose the row whose transaction began earlier and committed
-- later. The id of the transaction does not: every id below the smallest one
-- in progress belongs to a transaction that has ended, so whoever reads "from
-- the smallest in progress on" next time misses nothing. A number and not
-- xid8, whose comparisons are not leakproof: under row-level security no index
-- would be searched with them.

alter table tasks add column changed_xid bigint not null default 0;

create index tasks_by_transaction_idx on tasks (user_id, changed_xid, id);

create function note_transaction() returns trigger
language plpgsql
set search_path = pg_catalog
as $$
begin
    new.changed_xid := pg_current_xact_id()::text::bigint;
    return new;
end
$$;

create trigger tasks_note_transaction
    before insert or update on tasks
    for each row execute function note_transaction();

-- What is left of a deleted task, for 30 days, so that other devices hear of
-- it and a repeated request under its Idempotency-Key does not bring it back.
create table task_tombstones (
    id uuid constraint task_tombstones_pkey primary key,
    user_id text not null
        constraint task_tombstones_user_id_fkey references "user" (id) on delete cascade,
    deleted_at timestamptz not null default now(),
    changed_xid bigint not null default pg_current_xact_id()::text::bigint
);

create index task_tombstones_by_transaction_idx on task_tombstones (user_id, changed_xid, id);
create index task_tombstones_by_age_idx on task_tombstones (user_id, deleted_at);

-- Not "force": the function below writes it as the owner of the table.
alter table task_tombstones enable row level security;

create policy task_tombstones_of_their_user on task_tombstones
    for select
    to todo_user
    using (user_id = (select nullif(current_setting('app.user_id', true), '')));

grant select on task_tombstones to todo_user;

-- One statement for all that a statement deletes. Tasks that go with their
-- user leave nothing. A day more than 30, because a transaction can begin
-- earlier than it is seen.
create function bury_tasks() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, public
as $$
begin
    delete from task_tombstones
    using (select distinct user_id from gone) as owners
    where task_tombstones.user_id = owners.user_id
    and deleted_at < now() - interval '31 days';

    insert into task_tombstones (id, user_id)
    select gone.id, gone.user_id
    from gone
    join "user" on "user".id = gone.user_id
    on conflict (id) do update
    set deleted_at = excluded.deleted_at,
        changed_xid = excluded.changed_xid;
    return null;
end
$$;

create trigger tasks_bury
    after delete on tasks
    referencing old table as gone
    for each statement execute function bury_tasks();

-- Which history the transaction ids belong to. A restored database counts
-- them again from an earlier one, and what a client was told of the history
-- that is gone is worth nothing then. Another cluster, another timeline (of
-- PostgreSQL's or of Neon's, where each restored branch has one) or another
-- table is another history.
create function sync_epoch() returns bigint
language sql
stable
security definer
set search_path = pg_catalog, public
as $$
    select hashtextextended(
        concat_ws(
            ' ',
            (select system_identifier from pg_control_system()),
            (select timeline_id from pg_control_checkpoint()),
            current_setting('neon.timeline_id', true),
            'tasks'::regclass::oid
        ),
        0
    )
$$;

revoke execute on function sync_epoch () from public;
grant execute on function sync_epoch () to todo_user;
