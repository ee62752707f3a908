-- Tokens with which a forgotten password is replaced, of which only hashes are
-- stored. A user has at most one: asking for another takes its place.

create table public.password_resets (
    user_id text constraint password_resets_pkey primary key
        constraint password_resets_user_id_fkey references public."user" (id) on delete cascade,
    token_hash bytea not null constraint password_resets_token_hash_key unique,
    expires_at timestamptz not null,
    used_at timestamptz
);

grant select, insert, update, delete on public.password_resets to todo_auth;
