-- Notes a batch under its key; false when it was done before. Refuses (TD422)
-- a key that stands for another batch. Forgets what the owner sent more than
-- 30 days ago.
create or replace function todo.begin_batch(owner text, batch uuid, batch_hash bytea)
returns boolean
language plpgsql
as $$
begin
    delete from public.task_batches
    where user_id = owner
    and created_at < now() - interval '30 days';

    insert into public.task_batches (id, user_id, hash)
    values (batch, owner, batch_hash)
    on conflict (id) do nothing;
    if found then
        return true;
    end if;
    if not exists (
        select
        from public.task_batches
        where user_id = owner
        and id = batch
        and hash = batch_hash
    ) then
        raise exception using errcode = 'TD422', message = 'the key stands for another batch';
    end if;
    return false;
end
$$;
