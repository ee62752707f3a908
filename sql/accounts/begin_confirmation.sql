-- Counts an attempt to confirm the caller's password, and returns the stored
-- hash to verify it against, or the seconds to wait.
create or replace function todo.begin_confirmation(
    caller text,
    keys text[],
    seconds integer[],
    hits integer[]
)
returns table (wait_seconds integer, email text, password text)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    perform todo.act_as(caller);
    wait_seconds := todo.count_attempt(keys, seconds, hits, '{}', '{}', '{}', false);
    if wait_seconds is null then
        select "user".email, account.password
        into email, password
        from public."user"
        left join public.account
            on account."userId" = "user".id
            and account."providerId" = 'credential'
        where "user".id = caller;
    end if;
    return next;
end
$$;
