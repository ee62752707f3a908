-- Functions of the database take the place of statements: a request is one
-- call, and a login has no right but to make the calls of its endpoints.
-- The functions themselves are in sql/; here is what they stand on.
--
-- The functions of the last release go on running meanwhile. They change tasks
-- themselves, as todo_user, so triggers keep both views of a task equal until
-- the contraction (0016) removes the old one.

create schema todo;
grant usage, create on schema todo to todo_user, todo_auth;

-- The functions belong to these two roles, so that row-level security binds
-- them; only members of a role may give it something.
do $$
begin
    execute format('grant todo_user, todo_auth to %I', current_user);
end
$$;

-- What a client sees of a task. Members are only ever added, at the end: the
-- last release reads the ones before.
create type todo.task as (
    id uuid,
    title text,
    description text,
    status text,
    due_date date,
    created_at timestamptz,
    updated_at timestamptz,
    version integer
);

-- Eras are runs of 2^18 transactions. The index on them finds what changed
-- since an era; the row's own xmin says the rest. A column with the exact
-- transaction would be in an index of its own, and each change of a task would
-- write into every index there is.
create function todo.era_of(xid bigint) returns integer
language sql
immutable
as $$
    select (xid >> 18)::integer
$$;

create function todo.era() returns integer
language sql
as $$
    select todo.era_of(pg_current_xact_id()::text::bigint)
$$;

revoke execute on function todo.era_of(bigint), todo.era() from public;
grant execute on function todo.era_of(bigint), todo.era() to todo_user;

-- A deleted task is a row without content, for 30 days, so that other devices
-- hear of it and its Idempotency-Key does not bring it back. Its era is
-- negative, -1 - era, so that the oldest deleted tasks of a user are found by
-- the same index as what changed last.
alter table public.tasks
    add column deleted_at timestamptz,
    add column era integer not null default 0;
alter table public.tasks
    alter column era set default todo.era(),
    drop constraint tasks_title_check,
    add constraint tasks_title_check
        check (deleted_at is not null or char_length(title) between 1 and 200) not valid;

-- Deleted and changed rows are 2 % of a table before it is vacuumed, not 20 %:
-- totals are counted in an index alone where the visibility map allows it.
alter table public.tasks set (
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_insert_scale_factor = 0.05,
    autovacuum_analyze_scale_factor = 0.05
);

-- todo.caller is set by todo.act_as alone, app.user_id by the last release.
create policy tasks_of_the_caller on public.tasks
    to todo_user
    using (user_id = (select nullif(current_setting('todo.caller', true), '')))
    with check (user_id = (select nullif(current_setting('todo.caller', true), '')));

-- The last release sees no deleted task, and deletes for real.
alter policy tasks_of_their_user on public.tasks
    using (
        user_id = (select nullif(current_setting('app.user_id', true), ''))
        and deleted_at is null
    );

-- For the triggers below, until the contraction.
do $$
begin
    execute format(
        'create policy tasks_of_the_owner on public.tasks to %I using (true) with check (true)',
        current_user
    );
end
$$;

create or replace function public.note_transaction() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    new.changed_xid := pg_current_xact_id()::text::bigint;
    new.era := case
        when new.deleted_at is null then todo.era()
        else -1 - todo.era()
    end;
    return new;
end
$$;

create or replace function public.bury_tasks() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    delete from public.task_tombstones
    using (select distinct user_id from gone) as owners
    where task_tombstones.user_id = owners.user_id
    and deleted_at < now() - interval '31 days';

    -- Not of rows that were deleted before and are swept away now.
    with buried as (
        insert into public.task_tombstones (id, user_id)
        select gone.id, gone.user_id
        from gone
        join public."user" on "user".id = gone.user_id
        where gone.deleted_at is null
        on conflict (id) do update
        set deleted_at = excluded.deleted_at,
            changed_xid = excluded.changed_xid
        returning id, user_id, deleted_at
    )
    insert into public.tasks (id, user_id, title, deleted_at)
    select id, user_id, '', deleted_at
    from buried;
    return null;
end
$$;

create function public.mirror_deletion() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into public.task_tombstones (id, user_id)
    values (new.id, new.user_id)
    on conflict (id) do update
    set deleted_at = excluded.deleted_at,
        changed_xid = excluded.changed_xid;
    return null;
end
$$;

create trigger tasks_mirror_deletion
    after update on public.tasks
    for each row
    when (old.deleted_at is null and new.deleted_at is not null)
    execute function public.mirror_deletion();

-- A batch under an Idempotency-Key, for 30 days.
create table public.task_batches (
    id uuid constraint task_batches_pkey primary key,
    user_id text not null
        constraint task_batches_user_id_fkey references public."user" (id) on delete cascade,
    hash bytea not null,
    created_at timestamptz not null default now()
);

create index task_batches_by_age_idx on public.task_batches (user_id, created_at);

alter table public.task_batches enable row level security;
alter table public.task_batches force row level security;

create policy task_batches_of_the_caller on public.task_batches
    to todo_user
    using (user_id = (select nullif(current_setting('todo.caller', true), '')))
    with check (user_id = (select nullif(current_setting('todo.caller', true), '')));

grant select, insert, delete on public.task_batches to todo_user;

-- The refresh token that took the place of this one.
alter table public.auth_refresh add column successor uuid;

-- Which functions of sql/ were applied last, and to which history of the
-- database.
create table todo.state (
    only_row boolean constraint state_pkey primary key default true
        constraint state_only_row_check check (only_row),
    functions bytea not null,
    history bigint not null
);
