-- Takes back what a successful attempt has counted: the pair to nothing, the
-- other keys by one, in the order of count_attempt. The pair is familiar from
-- then on.
create or replace function todo.forgive_attempt(
    narrow_keys text[],
    account_keys text[],
    pair text,
    familiar text
)
returns void
language sql
as $$
    update public.auth_throttle
    set hits = case when key = pair then 0 else hits - 1 end
    where key in (
        select key
        from public.auth_throttle
        where key = any (narrow_keys || account_keys)
        order by key = any (account_keys), key
        for update
    );

    insert into public.auth_throttle (key, hits, window_ends_at)
    select familiar, 0, now() + interval '90 days'
    where familiar is not null
    on conflict (key) do update
    set window_ends_at = excluded.window_ends_at
$$;
