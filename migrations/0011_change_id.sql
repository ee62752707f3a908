-- Which request made the last change. A request whose answer was lost is
-- repeated, and the second time it finds that it is done: the version counts
-- changes, not attempts.

alter table tasks add column change_id uuid;
