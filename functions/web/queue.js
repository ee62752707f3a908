// New tasks on their way to the service. Each is kept in the browser under its
// Idempotency-Key until the service has it: after a reload, in another tab or
// after an answer that got lost it is sent again, and still made only once.

import * as session from "./session.js";
import * as tasks from "./tasks.js";

const LOCK = "tasks.queue";

/** Seconds until the next attempt, after each failure a longer one. */
const PAUSES = [2, 5, 15, 30];

let events = { changed() {}, made() {}, elsewhere() {} };
/** Resolves when the sending that is under way is over. */
let sending = null;
let failures = 0;
let timer = null;

/** Why the oldest one could not be sent, as long as it is tried again. */
let trouble = null;

/** `events` are `changed()`, `made(task)` and, when another tab has done something, `elsewhere()`. */
export function start(listener) {
  events = listener;
  addEventListener("online", send);
  addEventListener("storage", ({ key }) => {
    if (key === place()) {
      events.changed();
      events.elsewhere();
    }
  });
}

/** `{ key, task, refusal }`, the oldest first. */
export function entries() {
  try {
    return JSON.parse(localStorage.getItem(place())) ?? [];
  } catch {
    return [];
  }
}

export function problem() {
  return trouble;
}

export function add(task) {
  store([...entries(), { key: crypto.randomUUID(), task }]);
  send();
}

/** Another task in the place of one that was refused. */
export function replace(key, task) {
  store(entries().map((entry) => (entry.key === key ? { key: crypto.randomUUID(), task } : entry)));
  send();
}

export function drop(key) {
  store(entries().filter((entry) => entry.key !== key));
}

/** Gives up what a user has not sent. */
export function clear(user) {
  clearTimeout(timer);
  trouble = null;
  localStorage.removeItem(placeOf(user));
  events.changed();
}

/** Sends what is waiting, and resolves when nothing is any more or there is trouble. */
export function send() {
  sending ??= sendInTurn().finally(() => (sending = null));
  return sending;
}

async function sendInTurn() {
  clearTimeout(timer);
  while (next()) {
    await navigator.locks.request(LOCK, sendAll);
    if (trouble) {
      return;
    }
  }
}

/** One after the other, so that the order is the one in which they were typed. */
async function sendAll() {
  for (let entry = next(); entry; entry = next()) {
    try {
      const task = await tasks.create(entry.task, entry.key);
      trouble = null;
      failures = 0;
      drop(entry.key);
      events.made(task);
    } catch (problem) {
      if (problem.isTemporary || problem.kind === "signed-out") {
        wait(problem);
        return;
      }
      refuse(entry, problem);
    }
  }
}

function wait(problem) {
  trouble = problem;
  if (problem.isTemporary) {
    const pause = PAUSES[Math.min(failures, PAUSES.length - 1)];
    failures += 1;
    timer = setTimeout(send, 1000 * Math.max(pause, problem.retryAfter));
  }
  events.changed();
}

function refuse({ key }, problem) {
  if (problem.kind === "gone") {
    // The task was made, and somebody has deleted it since.
    drop(key);
    return;
  }
  const names = { "/title": "The title", "/due_date": "The due date" };
  const errors = problem.errors.map(({ pointer, detail }) => `${names[pointer] ?? ""} ${detail}`.trim());
  const refusal = errors.join(" ") || problem.sentence;
  store(entries().map((entry) => (entry.key === key ? { ...entry, refusal } : entry)));
}

/** The oldest one that may still be taken. */
function next() {
  return entries().find(({ refusal }) => !refusal);
}

function store(all) {
  if (all.length > 0) {
    localStorage.setItem(place(), JSON.stringify(all));
  } else {
    localStorage.removeItem(place());
  }
  events.changed();
}

/** Somebody else's tasks are never sent as one's own. */
function place() {
  return placeOf(session.current()?.user.id);
}

function placeOf(user) {
  return `tasks.queue.${user}`;
}
