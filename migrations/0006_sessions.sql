-- Refresh tokens, of which only hashes are stored, and the sign-in throttle.
--
-- Each refresh uses a token up and makes the next one of its family; a family
-- is one sign-in. Better Auth's table "session" is not touched: it holds its
-- tokens in plain text.

create table auth_refresh (
    id uuid constraint auth_refresh_pkey primary key,
    family uuid not null,
    user_id text not null
        constraint auth_refresh_user_id_fkey references "user" (id) on delete cascade,
    token_hash bytea not null constraint auth_refresh_token_hash_key unique,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    family_expires_at timestamptz not null,
    used_at timestamptz,
    revoked_at timestamptz
);

create index auth_refresh_family_idx on auth_refresh (family);
create index auth_refresh_user_id_idx on auth_refresh (user_id);

-- How often something was tried since a window began; the key is a hash.
create table auth_throttle (
    key text constraint auth_throttle_pkey primary key,
    hits integer not null,
    window_ends_at timestamptz not null
);

create index auth_throttle_window_ends_at_idx on auth_throttle (window_ends_at);

grant select, insert, update, delete on auth_refresh, auth_throttle to todo_auth;
