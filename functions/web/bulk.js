// The same change of several tasks, each hundred of them together or not at all.

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
  const offered = offer(`${were(changed)} ${done}.`, () => attempt(changed, (row) => before.get(row), "changed back"));
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
    await explain(rows, problem, done, (rest) => attempt(rest, changesOf, done));
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
  const isGone = culprit && problem.status === 404;
  const rest = rows.slice(problem.done.length).filter((row) => !isGone || row !== culprit);
  const action = rest.length > 0 && { label: "Try again", run: () => again(rest) };
  if (isGone) {
    culprit.leave();
    const consequence = action ? `, so ${were(rest)} not ${done}` : "";
    warn([quote(culprit.task.title), ` was deleted elsewhere meanwhile${consequence}.`], { action });
  } else if (culprit && problem.status === 412) {
    await warnOfChange(culprit, rest, done, action);
  } else {
    warn(`${were(rest)} not ${done}. ${problem.sentence}`, { action });
  }
}

/** Shows the task of `culprit` as it is now, and says that the tasks of `rest` were not `done` because of it. */
export async function warnOfChange(culprit, rest, done, action) {
  try {
    culprit.learn(await tasks.read(culprit.task.id));
  } catch {
    // The task is shown as it was.
  }
  const those = rest.length === 1 && rest[0] === culprit ? "it was" : were(rest);
  const text = ` was changed elsewhere meanwhile, so ${those} not ${done}. The list shows it as it is now.`;
  warn([quote(culprit.task.title), text], { action });
}

function were(rows) {
  return rows.length === 1 ? "1 task was" : `${rows.length} tasks were`;
}
