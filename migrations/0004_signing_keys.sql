-- The public halves of the keys that sign the built-in access tokens. The
-- private halves are derived from AUTH_SECRET and stored nowhere.
--
-- Better Auth's own table, jwks, is only ever read: a row of ours in it would
-- break its sign-in.

create table auth_signing_key (
    kid text constraint auth_signing_key_pkey primary key,
    public_jwk text not null,
    created_at timestamptz not null default now(),
    retired_at timestamptz
);

grant select, insert, update on auth_signing_key to todo_auth;
