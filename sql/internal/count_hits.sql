-- Counts one more in each of these windows, which go on or begin anew, and
-- returns how long the last exceeded one lasts.
create or replace function todo.count_hits(keys text[], seconds integer[], allowed integer[])
returns interval
language sql
as $$
    with counted as (
        insert into public.auth_throttle (key, hits, window_ends_at)
        select limits.key, 1, now() + make_interval(secs => limits.seconds)
        from unnest(keys, seconds) as limits (key, seconds)
        order by limits.key
        on conflict (key) do update
        set hits = case
                when auth_throttle.window_ends_at <= now() then 1
                else auth_throttle.hits + 1
            end,
            window_ends_at = case
                when auth_throttle.window_ends_at <= now() then excluded.window_ends_at
                else auth_throttle.window_ends_at
            end
        returning key, hits, window_ends_at
    )
    select max(counted.window_ends_at) - now()
    from counted
    join unnest(keys, allowed) as limits (key, allowed) using (key)
    where counted.hits > limits.allowed
$$;
