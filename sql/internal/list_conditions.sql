-- The conditions of a list, as the end of a where clause: $2 to $7 of list_query.
--
-- A pattern of ASCII alone is compared without the rules of a language, in
-- half the time. The two differ in letters beyond ASCII that are an ASCII
-- letter in small: the Kelvin sign (U+212A) and the I with a dot (U+0130).
create or replace function todo.list_conditions(
    statuses text[],
    due_before date,
    due_after date,
    is_overdue boolean,
    ascii_pattern text,
    pattern text
)
returns text
language sql
immutable
as $$
    select concat(
        case when statuses is not null then ' and status = any ($2)' end,
        case when due_before is not null then ' and due_date < $3' end,
        case when due_after is not null then ' and due_date > $4' end,
        case when is_overdue is not null then
            ' and $5 = coalesce('
            'due_date < (now() at time zone ''utc'')::date and status <> ''completed'', false)'
        end,
        case when ascii_pattern is not null then
            ' and (title collate "C" ilike $6 or description collate "C" ilike $6)'
        end,
        case when pattern is not null then ' and (title ilike $7 or description ilike $7)' end
    )
$$;
