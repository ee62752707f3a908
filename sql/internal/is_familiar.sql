-- Whether this pair of account and address has signed in before.
create or replace function todo.is_familiar(familiar text) returns boolean
language sql
stable
as $$
    select exists (
        select
        from public.auth_throttle
        where key = familiar
        and window_ends_at > now()
    )
$$;
