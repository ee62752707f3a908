// What this page asks of the API: the whole of it, and how it is meant to be used.

import { call } from "./session.js";
import { today } from "./dates.js";

const PAGE_SIZE = 50;

/**
 * One page of a list: `{ tasks, total, next_cursor }`.
 *
 * `next_cursor` of one page is `cursor` of the next, with the same filter and
 * order. Unlike an offset it neither skips nor repeats a task when others come
 * or go meanwhile, and a deep page costs what the first one does.
 */
export function list({ show, q, sort }, cursor, signal) {
  const query = new URLSearchParams({ sort, limit: PAGE_SIZE });
  if (show === "open" || show === "overdue") {
    query.set("completed", "false");
  }
  if (show === "completed") {
    query.set("completed", "true");
  }
  if (show === "overdue") {
    // `overdue=true` would go by the date in UTC, and this by the calendar on the wall.
    query.set("due_before", today());
  }
  if (q) {
    query.set("q", q);
  }
  if (cursor) {
    query.set("cursor", cursor);
  }
  return call("GET", `tasks?${query}`, { signal });
}

/**
 * A new task. However often it is sent with the same key, it is made once: so
 * after an attempt whose outcome is unknown, the same key makes it safe to
 * send it again. A new task takes a new key.
 */
export function create(task, key) {
  return call("POST", "tasks", { body: task, headers: { "idempotency-key": key } });
}

export function read(id) {
  return call("GET", `tasks/${id}`);
}

/**
 * Changes what `changes` names (RFC 7396) in the version that the user has
 * seen. When somebody changed it since, `If-Match` makes that 412 instead of
 * an overwritten change.
 */
export function change(task, changes) {
  return call("PATCH", `tasks/${task.id}`, { body: changes, headers: { "if-match": etag(task) } });
}

/** Deletes that version. `keepalive` lets the request outlive the page. */
export async function remove(task, { keepalive = false } = {}) {
  try {
    await call("DELETE", `tasks/${task.id}`, { headers: { "if-match": etag(task) }, keepalive });
  } catch (problem) {
    // It was to be gone, and it is.
    if (problem.status !== 404) {
      throw problem;
    }
  }
}

export async function countCompleted() {
  const { total } = await call("GET", "tasks?completed=true&limit=1");
  return total;
}

/** Deletes all completed tasks and returns how many there were. */
export async function clearCompleted() {
  const { deleted } = await call("DELETE", "tasks?completed=true");
  return deleted;
}

/** A task's ETag is its version in quotation marks, so that a list is enough to change its tasks. */
function etag(task) {
  return `"${task.version}"`;
}
