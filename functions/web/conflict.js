// Two versions of a task: where they differ, and how that is shown.

import { due } from "./dates.js";
import { element } from "./elements.js";

const NAMES = { title: "Title", description: "Description", due_date: "Due date", status: "Status" };
const STATUSES = { pending: "To do", in_progress: "In progress", completed: "Completed" };

/** The names of the values that a draft changes of a task. */
export function differing(task, draft) {
  return Object.keys(NAMES).filter((name) => draft[name] !== typed(task[name]));
}

/** The other version and the draft, value by value. */
export function compared(theirs, mine) {
  const list = element("dl");
  for (const name of differing(theirs, mine)) {
    list.append(element("dt", NAMES[name]));
    list.append(version("There now", shown(name, theirs)), version("Your draft", shown(name, mine)));
  }
  return list;
}

function version(whose, value) {
  return element("dd", element("span", `${whose}: `), element("bdi", value));
}

function shown(name, task) {
  switch (name) {
    case "status":
      return STATUSES[task.status];
    case "due_date":
      return task.due_date ? due(task).full : "none";
    default:
      return task[name] || "nothing";
  }
}

/** As a form's field would have it: there a line ends in one character. */
function typed(value) {
  return value?.replace(/\r\n?/g, "\n") ?? null;
}
