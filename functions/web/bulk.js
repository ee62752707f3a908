// The same change of several tasks, in one batch: all of them or none.

import { quote, warn } from "./notices.js";
import * as tasks from "./tasks.js";
import { offer } from "./undo.js";

/** Changes the tasks of rows to `{ status }` or `{ due_date }`; `done` says what they are then. */
export async function change(rows, changes, done) {
  const [name] = Object.keys(changes);
  const changed = rows.filter(({ task }) => task[name] !== changes[name]);
  if (changed.length === 0) {
    return;
  }
  const before = new Map(changed.map((row) => [row, { [name]: row.task[name] }]));
  const count = changed.length === 1 ? "1 task was" : `${changed.length} tasks were`;
  const offered = offer(`${count} ${done}.`, () => attempt(changed, (row) => before.get(row), "changed back"));
  if (!(await attempt(changed, () => changes, done))) {
    offered.withdraw();
  }
}

/** At once for the user; says so when the service refuses it. */
async function attempt(rows, changesOf, done) {
  const ready = Promise.all(rows.map((row) => row.settled));
  for (const row of rows) {
    const task = { ...row.task, ...changesOf(row) };
    row.show({ ...task, completed: task.status === "completed" });
  }
  const sent = ready.then(() => send(rows, changesOf));
  const outcomes = await Promise.allSettled(rows.map((row) => row.run(() => sent)));
  const problem = outcomes[0].reason;
  if (problem) {
    await explain(rows, problem, done, () => attempt(rows, changesOf, done));
  }
  return !problem;
}

async function send(rows, changesOf) {
  const operations = rows.map((row) => {
    return { op: "update", id: row.saved.id, version: row.saved.version, changes: changesOf(row) };
  });
  const take = (results) => results.forEach(({ task }, index) => (rows[index].saved = task));
  try {
    take(await tasks.batch(operations));
  } catch (problem) {
    take(problem.done);
    throw problem;
  }
}

async function explain(rows, problem, done, again) {
  if (problem.kind === "signed-out") {
    return;
  }
  const culprit = rows[tasks.operationOf(problem)];
  const action = { label: "Try again", run: again };
  if (!culprit || ![404, 412].includes(problem.status)) {
    warn(`The tasks were not ${done}. ${problem.sentence}`, { action });
    return;
  }
  const title = quote(culprit.task.title);
  if (problem.status === 404) {
    culprit.leave();
    rows.splice(rows.indexOf(culprit), 1);
    warn([title, ` was deleted elsewhere meanwhile, so nothing was ${done}.`], { action });
    return;
  }
  try {
    culprit.learn(await tasks.read(culprit.task.id));
  } catch {
    // The task is shown as it was.
  }
  warn([title, ` was changed elsewhere meanwhile, so nothing was ${done}.`], { action });
}
