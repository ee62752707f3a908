-- Which history the transaction ids belong to. Another cluster, another
-- timeline (of PostgreSQL's or of Neon's, where each restored branch has one)
-- or another table is another history: it counts transactions anew, so a
-- client's mark of the old one is worth nothing.
create or replace function todo.history() returns bigint
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select hashtextextended(
        concat_ws(
            ' ',
            (select system_identifier from pg_control_system()),
            (select timeline_id from pg_control_checkpoint()),
            current_setting('neon.timeline_id', true),
            'public.tasks'::regclass::oid,
            'eras'
        ),
        0
    )
$$;
