-- Counts an attempt and returns the seconds to wait where that is one too
-- many, else null.
--
-- First the narrow limits (the pair of address and account, the address), each
-- locked in order, then those of the account, unless the others are exceeded
-- already: an address that is refused anyway uses up nothing of the account.
-- Always in that order, so that two attempts never wait for each other in a
-- circle. A caller who is familiar is spared the limits of the account.
--
-- Windows that ended a day ago are removed, ten at a time, after all of this:
-- they may be another attempt's, and the removal itself waits for no lock.
create or replace function todo.count_attempt(
    narrow_keys text[],
    narrow_seconds integer[],
    narrow_hits integer[],
    account_keys text[],
    account_seconds integer[],
    account_hits integer[],
    is_familiar boolean
)
returns integer
language plpgsql
as $$
declare
    wait interval := todo.count_hits(narrow_keys, narrow_seconds, narrow_hits);
begin
    if wait is null and account_keys <> '{}' then
        wait := todo.count_hits(account_keys, account_seconds, account_hits);
        if is_familiar then
            wait := null;
        end if;
    end if;

    delete from public.auth_throttle
    where key in (
        select key
        from public.auth_throttle
        where window_ends_at < now() - interval '1 day'
        limit 10
        for update skip locked
    );
    return case when wait is not null then greatest(1, ceil(extract(epoch from wait))) end;
end
$$;
