-- outside a transaction
--
-- The three indexes that are left beside the key, built while requests are
-- served. An interrupted attempt leaves an invalid one, so each is dropped
-- first.

drop index concurrently if exists public.tasks_by_creation_idx;
-- then
create index concurrently tasks_by_creation_idx on public.tasks (user_id, created_at, id)
    where deleted_at is null;
-- then
drop index concurrently if exists public.tasks_by_due_day_idx;
-- then
create index concurrently tasks_by_due_day_idx on public.tasks (user_id, due_date, id)
    where deleted_at is null;
-- then
drop index concurrently if exists public.tasks_by_era_idx;
-- then
create index concurrently tasks_by_era_idx on public.tasks (user_id, era);
-- then
alter table public.tasks validate constraint tasks_title_check;
-- then
-- What was deleted before becomes a row, 1,000 at a time.
do $$
begin
    loop
        with buried as (
            select task_tombstones.id, task_tombstones.user_id, task_tombstones.deleted_at
            from public.task_tombstones
            left join public.tasks on tasks.id = task_tombstones.id
            where tasks.id is null
            limit 1000
        )
        insert into public.tasks (id, user_id, title, deleted_at)
        select id, user_id, '', deleted_at
        from buried
        on conflict (id) do nothing;
        exit when not found;
        commit;
    end loop;
end
$$;
