// The list: what it shows, in which order, and how it grows.

import { today } from "./dates.js";
import { byId } from "./elements.js";
import { quote, tell } from "./notices.js";
import { Row } from "./row.js";
import * as tasks from "./tasks.js";

const TYPING_PAUSE_MS = 250;
const KINDS = { all: "", open: "open ", completed: "completed ", overdue: "overdue " };

const rows = new Map();
const tools = byId("tools");
let nextCursor = null;
let total = 0;
let request = new AbortController();
let trouble = null;
let typing = null;

const events = {
  rowLeft(row) {
    if (!row.isHidden) {
      focusBeside(row);
    }
    drop(row);
    total -= 1;
    describe();
  },
  rowReplaced(row, task) {
    drop(row);
    total -= 1;
    add(task);
    (rows.get(task.id) ?? byId("add-title")).focus();
  },
  rowHidden: focusBeside,
  rowChanged: describe,
};

/** Wires the controls; nothing is read yet. */
export function start() {
  tools.addEventListener("submit", (event) => {
    event.preventDefault();
    reload();
  });
  tools.addEventListener("change", ({ target }) => target.name !== "q" && reload());
  tools.elements.q.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(reload, TYPING_PAUSE_MS);
  });
  byId("load-more").addEventListener("click", more);
  byId("show-all").addEventListener("click", showAll);
  byId("trouble-retry").addEventListener("click", retry);
  addEventListener("online", retry);
}

/** Reads the first page anew. Rows that are being edited stay as they are. */
export async function reload() {
  clearTimeout(typing);
  await load(null, (page) => {
    const focused = document.activeElement;
    const shown = new Set(page.tasks.map((task) => task.id));
    for (const row of [...rows.values()]) {
      if (!shown.has(row.task.id) && !row.isEdited && !row.isHidden) {
        drop(row);
      }
    }
    const edited = [...rows.values()].filter((row) => !shown.has(row.task.id));
    byId("task-list").prepend(...edited.map((row) => row.element));
    place(page.tasks);
    // An element that is moved loses the focus.
    focused.focus();
  });
}

/** Takes everything off the page; `{ keepDrafts: true }` all but open editors with changes. */
export function clear({ keepDrafts = false } = {}) {
  request.abort();
  for (const row of [...rows.values()]) {
    if (!keepDrafts || !row.hasDraft) {
      drop(row);
    }
  }
  total = 0;
  nextCursor = null;
}

export function hasDrafts() {
  return [...rows.values()].some((row) => row.hasDraft);
}

/** A new task comes first, where it is seen, if this view has it at all. */
export function add(task) {
  if (!rows.has(task.id)) {
    total += 1;
  }
  if (isShown(task)) {
    const row = rowOf(task);
    byId("task-list").prepend(row.element);
    row.element.classList.add("is-new");
    tell(`${quote(task.title)} was added.`);
  } else {
    total -= 1;
    const action = { label: "Show all", run: showAll };
    tell(`${quote(task.title)} was added. This view does not show it.`, { action });
  }
  describe();
}

async function more() {
  await load(nextCursor, (page) => {
    const first = place(page.tasks)[0];
    first?.focus();
  });
}

/** One request at a time: the view that was asked for last is the one that counts. */
async function load(cursor, show) {
  request.abort();
  request = new AbortController();
  const { signal } = request;
  setTrouble(null);
  byId("task-list").setAttribute("aria-busy", "true");
  try {
    const page = await tasks.list(view(), cursor, signal);
    signal.throwIfAborted();
    nextCursor = page.next_cursor;
    total = page.total;
    show(page);
    describe();
  } catch (problem) {
    if (signal.aborted) {
      return;
    }
    if (problem.kind !== "signed-out") {
      setTrouble(problem, cursor);
    }
  }
  byId("task-list").setAttribute("aria-busy", "false");
}

/** Puts rows for these tasks at the end, in this order, and returns the new ones. */
function place(page) {
  const fresh = [];
  for (const task of page) {
    if (!rows.has(task.id)) {
      fresh.push(task.id);
    }
    byId("task-list").append(rowOf(task).element);
  }
  return fresh.map((id) => rows.get(id));
}

function rowOf(task) {
  const known = rows.get(task.id);
  if (known) {
    known.update(task);
    return known;
  }
  const row = new Row(task, events);
  rows.set(task.id, row);
  return row;
}

function drop(row) {
  rows.delete(row.task.id);
  row.element.remove();
}

/** Whoever uses the keyboard goes on at the next row. */
function focusBeside(row) {
  if (!row.element.contains(document.activeElement)) {
    return;
  }
  const shown = [...rows.values()].filter((other) => other === row || !other.isHidden);
  shown.sort((one, other) =>
    one.element.compareDocumentPosition(other.element) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1,
  );
  const index = shown.indexOf(row);
  const beside = shown[index + 1] ?? shown[index - 1];
  if (beside) {
    beside.focus();
  } else {
    byId("add-title").focus();
  }
}

function view() {
  const { show, q, sort } = tools.elements;
  return { show: show.value, q: q.value.trim(), sort: sort.value };
}

/** Whether a new task, which is open, is part of what is shown. */
function isShown(task) {
  const { show, q } = view();
  const text = `${task.title}\n${task.description}`.toLowerCase();
  const isOfKind =
    show === "all" ||
    (show === "open" && !task.completed) ||
    (show === "overdue" && !task.completed && task.due_date && task.due_date < today());
  return isOfKind && text.includes(q.toLowerCase());
}

function showAll() {
  tools.elements.show.value = "all";
  tools.elements.q.value = "";
  tools.elements.show[0].focus();
  return reload();
}

/** Says how many there are, and what to do when there are none. */
function describe() {
  const { show, q } = view();
  const hidden = [...rows.values()].filter((row) => row.isHidden).length;
  const count = Math.max(total - hidden, 0);
  const shown = rows.size - hidden;
  const matching = q ? ` with “${q}”` : "";
  byId("count").textContent = `${count} ${KINDS[show]}${count === 1 ? "task" : "tasks"}${matching}`;
  const isNarrow = show !== "all" || q !== "";
  byId("empty").hidden = shown > 0;
  byId("empty-text").textContent = isNarrow
    ? "No task is like that."
    : "Nothing to do. Add your first task above.";
  byId("show-all").hidden = !isNarrow;
  byId("load-more").hidden = !nextCursor;
  byId("load-more").textContent = `Show more (${shown} of ${count})`;
}

function setTrouble(problem, cursor) {
  trouble = problem && { problem, cursor };
  byId("trouble").hidden = !problem;
  byId("trouble-text").textContent = problem?.sentence ?? "";
}

async function retry() {
  if (!trouble) {
    return;
  }
  const { problem, cursor } = trouble;
  await problem.patience();
  await (cursor && problem.isTemporary ? more() : reload());
}
