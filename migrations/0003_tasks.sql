-- The tasks. Row-level security lets a transaction see the tasks of the user
-- in app.user_id, and none when there is none; "force" binds the owner of the
-- table, too.

create table tasks (
    id uuid constraint tasks_pkey primary key,
    user_id text not null
        constraint tasks_user_id_fkey references "user" (id) on delete cascade,
    title text not null
        constraint tasks_title_check check (char_length(title) between 1 and 200),
    description text not null default ''
        constraint tasks_description_check check (char_length(description) <= 1000),
    status text not null default 'pending'
        constraint tasks_status_check check (status in ('pending', 'in_progress', 'completed')),
    completed boolean not null generated always as (status = 'completed') stored,
    due_date date,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz
)
-- Room for a changed row beside the old one, in the same page.
with (fillfactor = 85);

-- Newest first, all of them and those of one status.
create index tasks_newest_idx on tasks (user_id, created_at desc, id desc);
create index tasks_newest_by_status_idx on tasks (user_id, status, created_at desc, id desc);

alter table tasks enable row level security;
alter table tasks force row level security;

-- After a transaction has set it once, the setting is '' and not null.
create policy tasks_of_their_user on tasks
    to todo_user
    using (user_id = (select nullif(current_setting('app.user_id', true), '')))
    with check (user_id = (select nullif(current_setting('app.user_id', true), '')));

grant select, insert, update, delete on tasks to todo_user;
