-- The smallest schema that can be honest: the key, one index for the list, no
-- feed of changes, no row-level security.
create table tasks (
    id uuid primary key,
    created_at timestamptz not null default now(),
    updated_at timestamptz,
    version integer not null default 1,
    due_date date,
    status text not null default 'pending',
    user_id text not null references "user" (id) on delete cascade,
    title text not null,
    description text not null default ''
)
with (fillfactor = 85);

create index on tasks (user_id, created_at, id);
