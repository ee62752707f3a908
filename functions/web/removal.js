// Deleting with a way back: tasks are hidden at once and deleted when the
// message that offers to undo it goes, or when the page does.

import { warnOfChange } from "./bulk.js";
import { quote, warn } from "./notices.js";
import { keepFresh } from "./session.js";
import * as tasks from "./tasks.js";
import { offer } from "./undo.js";

/** What is hidden and not deleted yet: the messages by lists of rows. */
const waiting = new Map();

/** What is being deleted right now. */
const underway = new Set();

/** Hides rows and deletes their tasks in a few seconds. */
export function remove(rows) {
  for (const row of rows) {
    row.setDeleted(true);
  }
  const undo = () => {
    waiting.delete(rows);
    restore(rows);
    rows[0].focus();
  };
  waiting.set(rows, offer([name(rows), ` ${were(rows)} deleted.`], undo, () => commit(rows)));
  // When the page goes there is no time to renew a token that has expired.
  keepFresh(60).catch(() => {});
}

/** Deletes at once what is waiting. */
export async function flush() {
  for (const { notice } of [...waiting.values()]) {
    notice.end();
  }
  await Promise.all(underway);
}

function commit(rows) {
  waiting.delete(rows);
  const deletion = attempt(rows).finally(() => underway.delete(deletion));
  underway.add(deletion);
}

async function attempt(rows) {
  await Promise.all(rows.map((row) => row.settled));
  try {
    await send(rows);
    rows.forEach((row) => row.leave());
  } catch (problem) {
    await explain(rows, problem);
  }
}

async function send(rows) {
  if (rows.length === 1) {
    await tasks.remove(rows[0].saved);
  } else {
    await tasks.batch(deletions(rows));
  }
}

function deletions(rows) {
  return rows.map(({ saved: { id, version } }) => ({ op: "delete", id, version }));
}

async function explain(rows, problem) {
  const done = problem.done?.length ?? 0;
  rows.slice(0, done).forEach((row) => row.leave());
  const rest = rows.slice(done);
  const culprit = rows.length === 1 ? rest[0] : rows[tasks.operationOf(problem)];
  if (problem.status === 404 && culprit) {
    // The task was to be gone, and is.
    culprit.leave();
    await attempt(rest.filter((row) => row !== culprit));
    return;
  }
  restore(rest);
  if (problem.status === 412 && culprit) {
    const label = rest.length === 1 ? "Delete it anyway" : "Delete them anyway";
    await warnOfChange(culprit, rest, "deleted", { label, run: () => remove(rest) });
  } else if (problem.kind !== "signed-out") {
    warn([name(rest), ` ${were(rest)} not deleted. ${problem.sentence}`], {
      action: { label: "Try again", run: () => remove(rest) },
    });
  }
}

function restore(rows) {
  for (const row of rows) {
    row.setDeleted(false);
  }
}

function name(rows) {
  return rows.length === 1 ? quote(rows[0].task.title) : `${rows.length} tasks`;
}

function were(rows) {
  return rows.length === 1 ? "was" : "were";
}

addEventListener("pagehide", () => {
  for (const [rows, { withdraw }] of waiting) {
    waiting.delete(rows);
    withdraw();
    tasks.batchAtEnd(deletions(rows));
  }
});
