// The views of the list: what each of them asks the API for, how many tasks it
// has, and whether a task that has just changed is one of them.

import { today, tomorrow } from "./dates.js";

const NEWEST_FIRST = "-created_at";
const DUE_FIRST = "due_date";

export const VIEWS = {
  all: {
    query: () => ({}),
    shows: () => true,
    count: ({ total }) => total,
    says: (tasks) => tasks,
    empty: "Nothing to do. Add your first task above.",
    sort: NEWEST_FIRST,
  },
  open: {
    query: () => ({ completed: false }),
    shows: isOpen,
    count: ({ pending, in_progress }) => pending + in_progress,
    says: (tasks) => `open ${tasks}`,
    empty: "Nothing is open.",
    sort: NEWEST_FIRST,
  },
  in_progress: {
    query: () => ({ status: "in_progress" }),
    shows: ({ status }) => status === "in_progress",
    count: ({ in_progress }) => in_progress,
    says: (tasks) => `${tasks} in progress`,
    empty: "Nothing is in progress.",
    sort: NEWEST_FIRST,
  },
  today: {
    query: () => ({ completed: false, due_before: tomorrow() }),
    shows: (task) => isOpen(task) && isDue(task) && task.due_date <= today(),
    count: ({ overdue, due_today }) => overdue + due_today,
    says: (tasks) => `${tasks} for today`,
    empty: "Nothing is due today.",
    sort: DUE_FIRST,
  },
  upcoming: {
    query: () => ({ completed: false, due_after: today() }),
    shows: (task) => isOpen(task) && isDue(task) && task.due_date > today(),
    count: ({ upcoming }) => upcoming,
    says: (tasks) => `upcoming ${tasks}`,
    empty: "Nothing is coming up.",
    sort: DUE_FIRST,
  },
  overdue: {
    // `overdue=true` would go by the date in UTC, and this by the calendar on the wall.
    query: () => ({ completed: false, due_before: today() }),
    shows: (task) => isOpen(task) && isDue(task) && task.due_date < today(),
    count: ({ overdue }) => overdue,
    says: (tasks) => `overdue ${tasks}`,
    empty: "Nothing is overdue.",
    sort: DUE_FIRST,
  },
  completed: {
    query: () => ({ completed: true }),
    shows: ({ completed }) => completed,
    count: ({ completed }) => completed,
    says: (tasks) => `completed ${tasks}`,
    empty: "Nothing is completed yet.",
    sort: NEWEST_FIRST,
  },
};

function isOpen({ completed }) {
  return !completed;
}

function isDue({ due_date }) {
  return due_date !== null;
}
