// The list: what happens to it when pages, changes and the user's own work
// arrive.

import { byId } from "./elements.js";
import * as counts from "./counts.js";
import { quote, tell } from "./notices.js";
import { Row } from "./row.js";
import * as rows from "./rows.js";
import { describe } from "./summary.js";
import * as view from "./view.js";

/** The rows that `total` counts. */
const counted = new Set();

/** How many tasks the view has, also those that are not read yet. */
let total = 0;

/** Whether the view has tasks behind the last row. */
let hasMore = false;

const events = {
  changed(row, before) {
    counts.change(before, row.isDeleted ? null : row.task);
    if (!rows.has(row)) {
      takeBack(row);
    }
    settle(row);
    tellAll();
  },
  gone(row) {
    if (!row.isDeleted) {
      counts.change(row.task, null);
    }
    drop(row);
    tellAll();
  },
  made(task, draft) {
    add(task);
    if (draft) {
      reopen(task, draft);
    } else {
      rows.of(task.id)?.focus();
    }
  },
};

/** Shows a first page in place of what was there. Rows that are being worked on stay. */
export function show(page) {
  const focused = document.activeElement;
  const shown = new Set(page.tasks.map((task) => task.id));
  const others = rows.all().filter((row) => !shown.has(row.task.id));
  const isKept = (row) => row.isEdited || row.isDeleted || row.isBusy;
  others.filter((row) => !isKept(row)).forEach(drop);
  rows.putFirst(...others.filter(isKept));
  place(page);
  // An element that is moved loses the focus.
  focused.focus();
}

/** Shows the next page, and moves the focus there unless the user has moved it elsewhere meanwhile. */
export function append(page) {
  const focused = document.activeElement;
  const [first] = place(page);
  const hasAsked = focused === document.body || focused === byId("load-more");
  // An element that is moved loses the focus.
  (hasAsked ? first : focused)?.focus();
}

/** A new task comes first, where it is seen, if this view has it at all. */
export function add(task) {
  if (rows.of(task.id)) {
    apply(task);
    return;
  }
  counts.change(null, task);
  if (view.shows(task)) {
    const row = new Row(task, events);
    row.element.classList.add("is-new");
    rows.putFirst(row);
    settle(row);
    tell([quote(task.title), " was added."]);
  } else {
    const action = { label: "Show all", run: view.widen };
    tell([quote(task.title), " was added. This view does not show it."], { action });
  }
  tellAll();
}

/** A task that is new or changed, as the service has it. */
export function apply(task) {
  const row = rows.of(task.id);
  if (!row) {
    insert(new Row(task, events));
  } else {
    const before = row.task;
    row.learn(task);
    if (row.task !== before && !row.isEdited) {
      rows.putInOrder(row);
    }
  }
  tellAll();
}

/** A task that the service does not have any more. A draft stays: it can be added again. */
export function forget(id) {
  const row = rows.of(id);
  if (row && !row.hasDraft && !row.isDeleted) {
    drop(row);
    tellAll();
  }
}

/** Opens the editor of a task with a draft of before, wherever the task is. */
export function reopen(base, draft) {
  const row = rows.of(base.id) ?? new Row(base, events);
  if (!rows.has(row)) {
    rows.putFirst(row);
  }
  return row.edit(draft, base);
}

/** Takes everything off the page; `{ keepDrafts: true }` all but open editors with changes. */
export function clear({ keepDrafts = false } = {}) {
  rows.all().filter((row) => !keepDrafts || !row.hasDraft).forEach(drop);
  total = 0;
  hasMore = false;
}

/** Another view: what is known of it is seen before the service answers. */
export function narrow() {
  const { name, q } = view.current();
  counted.clear();
  rows.all().forEach(settle);
  total = (q === "" && counts.of(name)) || counted.size;
  hasMore = false;
  tellAll();
}

/** Writes all dates anew: another day has begun. */
export function redate() {
  rows.all().forEach((row) => row.show(row.task));
}

/** Puts rows for these tasks at the end, in this order, and returns the new ones. */
function place(page) {
  const fresh = [];
  for (const task of page.tasks) {
    const known = rows.of(task.id);
    const row = known ?? new Row(task, events);
    known?.learn(task);
    rows.putLast(row);
    row.element.classList.remove("is-new");
    if (!known) {
      fresh.push(row);
    }
  }
  hasMore = page.next_cursor !== null;
  recount(page.total);
  return fresh;
}

/** Takes over the total of the service, which has counted what it knew, whatever the user has done meanwhile. */
export function recount(number) {
  total = number;
  counted.clear();
  rows.all().filter(({ saved }) => view.shows(saved)).forEach((row) => counted.add(row));
  rows.all().forEach(settle);
  tellAll();
}

/** Whether there are tasks that the page has not read, so that only the service can count them. */
export function isPart() {
  return hasMore;
}

/** Puts a row where it belongs, if this view has it; behind the last one the next page has it. */
function insert(row) {
  const isOnNextPage = hasMore && rows.isBehindAll(row.task);
  if (view.shows(row.task) && !row.isDeleted && !isOnNextPage) {
    rows.putInOrder(row);
    settle(row);
  }
}

/** A row that went with another view while something was under way. */
function takeBack(row) {
  const other = rows.of(row.task.id);
  if (other) {
    other.learn(row.saved);
  } else {
    insert(row);
  }
}

/** Shows or hides a row, and counts it or not, as it is now. */
function settle(row) {
  if (!rows.has(row)) {
    return;
  }
  row.isOutside = !view.shows(row.task);
  const isHidden = row.isDeleted || (row.isOutside && !row.isEdited);
  if (isHidden && !row.element.hidden) {
    rows.leaveFocus(row);
  }
  row.element.hidden = isHidden;
  const isCounted = !row.isDeleted && !row.isOutside;
  if (isCounted !== counted.has(row)) {
    total += isCounted ? 1 : -1;
    counted[isCounted ? "add" : "delete"](row);
  }
}

function drop(row) {
  if (rows.has(row)) {
    rows.leaveFocus(row);
    rows.remove(row);
    total -= counted.delete(row) ? 1 : 0;
  }
}

function tellAll() {
  describe({ total: Math.max(total, 0), seen: rows.visible().length, hasMore });
}
