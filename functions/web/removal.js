// Deleting with a way back: a task is hidden at once and deleted when the
// message that offers to undo it goes, or when the page does.

import { quote, tell, warn } from "./notices.js";
import { keepFresh } from "./session.js";
import * as tasks from "./tasks.js";

/** What is hidden and not deleted yet, the latest last: undo functions and messages by row. */
const waiting = new Map();

/** What is being deleted right now. */
const underway = new Set();

/** Hides a row and deletes its task in a few seconds. */
export function remove(row) {
  const undo = () => {
    waiting.delete(row);
    row.show();
    row.focus();
  };
  row.hide();
  const notice = tell(`${quote(row.task.title)} was deleted.`, {
    action: { label: "Undo", run: undo },
    onEnd: () => commit(row),
  });
  waiting.set(row, { notice, undo });
  // When the page goes there is no time to renew a token that has expired.
  keepFresh(60).catch(() => {});
}

/** Takes the latest deletion back; false when there is none. */
export function undoLatest() {
  const latest = [...waiting.values()].pop();
  if (!latest) {
    return false;
  }
  latest.undo();
  latest.notice.end();
  return true;
}

/** Deletes at once what is waiting. */
export async function flush() {
  for (const { notice } of [...waiting.values()]) {
    notice.end();
  }
  await Promise.all(underway);
}

function commit(row) {
  // Undone by the keyboard.
  if (!waiting.delete(row)) {
    return;
  }
  const deletion = attempt(row).finally(() => underway.delete(deletion));
  underway.add(deletion);
}

async function attempt(row) {
  const title = quote(row.task.title);
  try {
    await tasks.remove(row.task);
    row.leave();
  } catch (problem) {
    row.show();
    if (problem.status === 412) {
      if (await row.refresh()) {
        warn(`${title} was changed elsewhere meanwhile, so it was not deleted. This is how it stands now.`, {
          action: { label: "Delete it anyway", run: () => remove(row) },
        });
      }
    } else if (problem.kind !== "signed-out") {
      warn(`${title} was not deleted. ${problem.sentence}`, {
        action: { label: "Try again", run: () => remove(row) },
      });
    }
  }
}

addEventListener("pagehide", () => {
  for (const [row, { notice }] of waiting) {
    waiting.delete(row);
    notice.end();
    tasks.remove(row.task, { keepalive: true }).catch(() => {});
  }
});
