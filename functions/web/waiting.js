// The new tasks that the service has not got yet, above the list: they are
// seen at once, and one that is refused can be mended there.

import { byId, fromTemplate } from "./elements.js";
import { tie } from "./fields.js";
import * as queue from "./queue.js";

const list = byId("waiting");

/** The elements by the keys of their entries. */
const items = new Map();

export function start() {
  byId("waiting-retry").addEventListener("click", queue.send);
}

/** Shows what is in the queue now. */
export function render() {
  const entries = queue.entries();
  const keys = new Set(entries.map(({ key }) => key));
  for (const [key, item] of items) {
    if (!keys.has(key)) {
      item.remove();
      items.delete(key);
    }
  }
  for (const entry of entries) {
    renderEntry(entry);
  }
  const problem = queue.problem();
  const count = entries.filter(({ refusal }) => !refusal).length;
  const isStuck = count > 0 && problem !== null;
  for (const state of list.querySelectorAll(".state")) {
    state.textContent = isStuck ? "Waiting" : "Saving…";
  }
  byId("waiting-trouble").hidden = !isStuck;
  byId("waiting-text").textContent = isStuck ? `${notSaved(count)} ${reason(problem)}` : "";
}

function renderEntry({ key, task, refusal }) {
  const known = items.get(key);
  const isRefused = Boolean(refusal);
  if (known?.matches(".is-refused") === isRefused) {
    return;
  }
  const item = isRefused ? refused(key, task, refusal) : fromTemplate("waiting-template");
  if (!isRefused) {
    item.querySelector(".title").textContent = task.title;
  }
  items.set(key, item);
  if (known) {
    known.replaceWith(item);
  } else {
    list.prepend(item);
  }
}

function refused(key, task, refusal) {
  const item = fromTemplate("refused-template");
  const form = item.querySelector("form");
  tie(form);
  form.elements.title.value = task.title;
  form.querySelector(".field-error").textContent = refusal;
  form.elements.title.setAttribute("aria-invalid", "true");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    queue.replace(key, { ...task, title: form.elements.title.value });
  });
  form.querySelector(".discard").addEventListener("click", () => queue.drop(key));
  return item;
}

function reason(problem) {
  const isUnreachable = problem.kind === "unreachable";
  return isUnreachable ? "The service can’t be reached. This is tried again by itself." : problem.sentence;
}

function notSaved(count) {
  const those = count === 1 ? "1 new task is" : `${count} new tasks are`;
  return `${those} kept here and not saved yet.`;
}
