// Deleting all completed tasks, after a question.

import { byId } from "./elements.js";
import { tell, warn } from "./notices.js";
import * as list from "./list.js";
import * as removal from "./removal.js";
import * as tasks from "./tasks.js";

const dialog = byId("clear-dialog");

export function start() {
  byId("clear-completed").addEventListener("click", () => attempt(ask));
  dialog.addEventListener("close", () => {
    if (dialog.returnValue === "clear") {
      attempt(clear);
    }
  });
}

async function ask() {
  await removal.flush();
  const count = await tasks.countCompleted();
  if (count === 0) {
    tell("There are no completed tasks.");
    return;
  }
  byId("clear-text").textContent =
    `${some(count)} will be deleted, also what this view does not show. This can’t be undone.`;
  byId("clear-confirm").textContent = `Delete ${count}`;
  // Escape leaves the answer of the last time.
  dialog.returnValue = "";
  dialog.showModal();
}

async function clear() {
  const count = await tasks.clearCompleted();
  tell(`${some(count)} ${count === 1 ? "was" : "were"} deleted.`);
  await list.reload();
}

function some(count) {
  return count === 1 ? "1 completed task" : `${count} completed tasks`;
}

async function attempt(step) {
  try {
    await step();
  } catch (problem) {
    if (problem.kind !== "signed-out") {
      const run = async () => {
        await problem.patience();
        await attempt(step);
      };
      warn(problem.sentence, { action: { label: "Try again", run } });
    }
  }
}
