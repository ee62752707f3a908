-- The text of a list with a filter. $1 is the owner, $2 to $7 the conditions, $8 to $11 the
-- position of the cursor, $12 and $13 limit and offset.
--
-- Tasks without a due day are last in both directions, so a list by due day is
-- two queries in a row. Both are read from one index.
create or replace function todo.list_query(
    sort text,
    conditions text,
    has_cursor boolean,
    is_past_days boolean
)
returns text
language plpgsql
immutable
as $$
declare
    direction constant text := case when starts_with(sort, '-') then 'desc' else 'asc' end;
    beyond constant text := case when starts_with(sort, '-') then '<' else '>' end;
    order_key text;
    position text;
    tasks constant text := '
        select
            null::bigint, id, title, description, status, due_date, created_at, updated_at, version
        from public.tasks
        where user_id = $1
        and deleted_at is null' || conditions;
begin
    if ltrim(sort, '-') = 'due_date' and not (has_cursor and is_past_days) then
        return format(
            '(
                %1$s and due_date is not null %2$s
                order by due_date %3$s, id %3$s
                limit $12 + $13
            )
            union all
            (
                %1$s and due_date is null
                order by due_date %3$s, id %3$s
                limit $12 + $13
            )
            order by due_date %3$s nulls last, id %3$s
            limit $12
            offset $13',
            tasks,
            case when has_cursor then format('and (due_date, id) %s ($10, $8)', beyond) end,
            direction
        );
    end if;

    case ltrim(sort, '-')
    when 'due_date' then
        order_key := 'due_date';
        position := format('and due_date is null and id %s $8', beyond);
    when 'created_at' then
        order_key := 'created_at';
        position := format('and (created_at, id) %s ($9, $8)', beyond);
    when 'updated_at' then
        order_key := 'coalesce(updated_at, created_at)';
        position := format('and (%s, id) %s ($9, $8)', order_key, beyond);
    when 'title' then
        order_key := 'lower(title) collate "C"';
        position := format('and (%s, id) %s (lower($11), $8)', order_key, beyond);
    end case;
    return format(
        '%1$s %2$s
        order by %3$s %4$s, id %4$s
        limit $12
        offset $13',
        tasks,
        case when has_cursor then position end,
        order_key,
        direction
    );
end
$$;
