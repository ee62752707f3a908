-- Removes what only the functions before 0013 use: seven indexes, six columns,
-- the triggers and the functions behind them, and the rights of the logins to
-- act as todo_user and todo_auth themselves.

drop trigger tasks_mirror_deletion on public.tasks;
drop trigger tasks_bury on public.tasks;
drop trigger tasks_note_transaction on public.tasks;
drop function public.mirror_deletion();
drop function public.bury_tasks();
drop function public.note_transaction();
drop function public.identify(text);
drop function public.sync_epoch();
drop function public.refuse(text);

drop policy tasks_of_their_user on public.tasks;
drop policy tasks_of_the_owner on public.tasks;
drop table public.task_tombstones;

drop index public.tasks_newest_idx;
drop index public.tasks_newest_by_status_idx;
drop index public.tasks_by_transaction_idx;
alter table public.tasks
    drop column completed,
    drop column change_order,
    drop column due_order,
    drop column due_order_desc,
    drop column title_order,
    drop column changed_xid;
