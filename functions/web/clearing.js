// Deleting all completed tasks, after a question.

import { ask } from "./ask.js";
import * as counts from "./counts.js";
import { byId } from "./elements.js";
import { tell, warn } from "./notices.js";
import * as pages from "./pages.js";
import * as removal from "./removal.js";
import * as tasks from "./tasks.js";

export function start() {
  byId("clear-completed").addEventListener("click", () => attempt(clear));
}

async function clear() {
  await removal.flush();
  const count = await tasks.count({ completed: true });
  if (count === 0) {
    tell("There are no completed tasks.");
    return;
  }
  const isWanted = await ask({
    title: "Clear completed tasks?",
    text: `${some(count)} will be deleted, also what this view does not show. This can’t be undone.`,
    yes: `Delete ${count}`,
    no: "Keep them",
  });
  if (isWanted) {
    await attempt(clearNow);
  }
}

async function clearNow() {
  const count = await tasks.clearCompleted();
  tell(`${some(count)} ${count === 1 ? "was" : "were"} deleted.`);
  await Promise.all([pages.reload(), counts.refresh()]);
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
