// Requests to the API about tasks, used as they are meant to be.

import { call } from "./session.js";

/** The most tasks that one request clears. */
const MOST_AT_ONCE = 10000;

const PAGE_SIZE = 50;

/** How many changes one batch may have. */
const BATCH_SIZE = 100;

/**
 * One page of a list: `{ tasks, total, next_cursor }`.
 *
 * `next_cursor` of one page is `cursor` of the next, with the same filter and
 * order. Unlike an offset it neither skips nor repeats a task when others come
 * or go meanwhile, and a deep page costs what the first one does.
 */
export function list(query, cursor, signal) {
  const all = new URLSearchParams({ ...query, limit: PAGE_SIZE, ...(cursor && { cursor }) });
  return call("GET", `tasks?${all}`, { signal });
}

/** How many tasks there are of each kind. What day it is, the user's calendar says. */
export function stats(today) {
  return call("GET", `tasks/stats?${new URLSearchParams({ today })}`);
}

/**
 * What has changed since an answer of before: `{ tasks, deleted, next_since,
 * has_more }`. "now" begins: asked before the first list, nothing falls
 * between the two.
 */
export function changes(since) {
  return call("GET", `tasks/changes?${new URLSearchParams({ since })}`);
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

/** Deletes that version. */
export async function remove(task) {
  try {
    await call("DELETE", `tasks/${task.id}`, { headers: { "if-match": etag(task) } });
  } catch (problem) {
    // The task was to be gone, and is.
    if (problem.status !== 404) {
      throw problem;
    }
  }
}

/**
 * Several changes of the versions that the user has seen, each hundred of them
 * together or not at all. A problem names the operation that it is about: see
 * `operationOf`.
 */
export async function batch(operations) {
  const results = [];
  for (const some of hundreds(operations)) {
    try {
      const answer = await call("POST", "tasks/batch", { body: { operations: some } });
      results.push(...answer.results);
    } catch (problem) {
      problem.done = results;
      throw problem;
    }
  }
  return results;
}

/**
 * The same while the page goes: `keepalive` lets the requests outlive it. The
 * page gets no answers any more, so no hundred waits for the one before it.
 */
export function batchAtEnd(operations) {
  const send = (some) => call("POST", "tasks/batch", { body: { operations: some }, keepalive: true });
  return Promise.allSettled(hundreds(operations).map(send));
}

/** The index of the operation that a batch was refused for, or null. */
export function operationOf(problem) {
  const [, index] = problem.errors[0]?.pointer.match(/^\/operations\/(\d+)/) ?? [];
  return index === undefined ? null : problem.done.length + Number(index);
}

/** How many tasks a list has. */
export async function count(filter, signal) {
  const { total } = await call("GET", `tasks?${new URLSearchParams({ ...filter, limit: 1 })}`, { signal });
  return total;
}

/** Deletes all completed tasks and returns how many there were. */
export async function clearCompleted() {
  const { deleted } = await call("DELETE", "tasks?completed=true");
  return deleted < MOST_AT_ONCE ? deleted : deleted + (await clearCompleted());
}

function hundreds(operations) {
  const count = Math.ceil(operations.length / BATCH_SIZE);
  return Array.from({ length: count }, (_, index) => operations.slice(index * BATCH_SIZE, (index + 1) * BATCH_SIZE));
}

/** A task's ETag is its version in quotation marks, so that a list is enough to change its tasks. */
function etag(task) {
  return `"${task.version}"`;
}
