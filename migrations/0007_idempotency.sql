-- What a task was created from, for requests with an Idempotency-Key: the
-- SHA-256 of the values. A replay is told from another task under the same key
-- by it, and not by the values themselves, which may have been changed since.

alter table tasks add column create_hash bytea;
