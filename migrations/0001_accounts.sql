-- Users and their credentials, in the shape of Better Auth's own tables, so
-- that either side may come first: what exists is left alone, and Better Auth
-- finds nothing to add to what is made here.
-- https://www.better-auth.com/docs/concepts/database#core-schema

create table if not exists "user" (
    id text primary key,
    name text not null,
    email text not null constraint user_email_key unique,
    "emailVerified" boolean not null,
    image text,
    "createdAt" timestamptz not null default current_timestamp,
    "updatedAt" timestamptz not null default current_timestamp
);

do $$
begin
    if not exists (
        select from pg_attribute
        where attrelid = to_regclass('"user"')
        and attname = 'id'
        and atttypid = 'text'::regtype
    ) then
        raise exception 'the ids of "user" are not text; set advanced.database.generateId of Better Auth back to its default';
    end if;
end
$$;

-- No "if not exists" for the index alone: on a table of somebody else's it
-- would need their rights.
do $$
begin
    if to_regclass('account') is null then
        create table account (
            id text primary key,
            "accountId" text not null,
            "providerId" text not null,
            "userId" text not null references "user" (id) on delete cascade,
            "accessToken" text,
            "refreshToken" text,
            "idToken" text,
            "accessTokenExpiresAt" timestamptz,
            "refreshTokenExpiresAt" timestamptz,
            scope text,
            password text,
            "createdAt" timestamptz not null default current_timestamp,
            "updatedAt" timestamptz not null
        );
        create index "account_userId_idx" on account ("userId");
    end if;
end
$$;
