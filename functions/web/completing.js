// Completing and reopening: at once for the user, and the last click counts,
// however long the service takes to answer.

import { quote, warn } from "./notices.js";
import * as tasks from "./tasks.js";
import { offer } from "./undo.js";

/** The status that the user wants, by rows whose task has it not yet. */
const wanted = new Map();

/** The status that a task had before it was completed here, by its id. */
const openStatus = new Map();

/** The messages that offer to take a change back, by rows. */
const offers = new Map();

export function complete(row, isCompleted) {
  const before = row.task.status;
  offers.get(row)?.withdraw();
  offers.delete(row);
  if (isCompleted) {
    openStatus.set(row.task.id, before);
  }
  setStatus(row, isCompleted ? "completed" : (openStatus.get(row.task.id) ?? "pending"));
  if (isCompleted || row.element.hidden) {
    const undo = () => {
      setStatus(row, before);
      row.focus(".done");
    };
    const text = [quote(row.task.title), ` was ${isCompleted ? "completed" : "reopened"}.`];
    offers.set(row, offer(text, undo, () => offers.delete(row)));
  }
}

/** Sends the wanted status and not a toggle: sending it twice gives the same result. */
function setStatus(row, status) {
  const isUnderWay = wanted.has(row);
  wanted.set(row, status);
  row.show({ ...row.task, status, completed: status === "completed" });
  if (!isUnderWay) {
    row.run(() => send(row));
  }
}

async function send(row) {
  try {
    while (row.saved.status !== wanted.get(row)) {
      row.saved = await tasks.change(row.saved, { status: wanted.get(row) });
    }
  } catch (problem) {
    offers.get(row)?.withdraw();
    offers.delete(row);
    await explain(row, problem, wanted.get(row));
  } finally {
    wanted.delete(row);
  }
}

async function explain(row, problem, status) {
  const title = quote(row.task.title);
  const again = () => setStatus(row, status);
  if (problem.status === 412) {
    try {
      row.saved = await tasks.read(row.task.id);
    } catch (second) {
      await explain(row, second, status);
      return;
    }
    const isCompleted = status === "completed";
    if (row.saved.completed !== isCompleted) {
      const label = isCompleted ? "Complete it anyway" : "Reopen it anyway";
      warn([title, " was changed elsewhere meanwhile. The list shows it as it is now."], { action: { label, run: again } });
    }
  } else if (problem.status === 404) {
    row.leave();
    warn([title, " was deleted elsewhere meanwhile."]);
  } else if (problem.kind !== "signed-out") {
    warn([title, ` was not changed. ${problem.sentence}`], { action: { label: "Try again", run: again } });
  }
}
