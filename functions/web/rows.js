// The rows that are on the page, in their order.

import { byId } from "./elements.js";
import { comparing } from "./sorting.js";
import * as view from "./view.js";

const list = byId("task-list");
const rows = new Map();

export function of(id) {
  return rows.get(id);
}

export function all() {
  return [...rows.values()];
}

/** The rows that are seen. */
export function visible() {
  return [...list.children].filter((element) => !element.hidden).map(({ dataset }) => rows.get(dataset.id));
}

export function putFirst(...some) {
  list.prepend(...some.map(known));
}

export function putLast(...some) {
  list.append(...some.map(known));
}

/** Puts a row where the order wants it, but never one from under the user's hands. */
export function putInOrder(row) {
  if (!row.element.contains(document.activeElement)) {
    list.insertBefore(known(row), successor(row)?.element ?? null);
  }
}

/** Whether a task comes behind all that are seen. */
export function isBehindAll(task) {
  return successor({ task }) === undefined;
}

/** Whether the page shows the task by this row; a newer row may have replaced it. */
export function has(row) {
  return rows.get(row.task.id) === row;
}

export function remove(row) {
  rows.delete(row.task.id);
  row.element.remove();
}

/** Moves the focus to the next row. */
export function leaveFocus(row) {
  const focused = document.activeElement;
  if (!row.element.contains(focused)) {
    return;
  }
  const part = focused.matches(".done") ? ".done" : ".open";
  const others = visible().filter((other) => other !== row);
  const beside = others.find((other) => precedes(row, other)) ?? others.at(-1);
  if (beside) {
    beside.focus(part);
  } else {
    byId("add-title").focus();
  }
}

function known(row) {
  rows.set(row.task.id, row);
  row.element.dataset.id = row.task.id;
  return row.element;
}

function successor(row) {
  const compare = comparing(view.current().sort);
  return visible().find((other) => other !== row && compare(row.task, other.task) < 0);
}

function precedes(one, other) {
  const position = one.element.compareDocumentPosition(other.element);
  return (position & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
}
