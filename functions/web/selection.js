// Choosing several tasks, to change them all at once.

import { change } from "./bulk.js";
import { byId } from "./elements.js";
import { remove } from "./removal.js";
import * as rows from "./rows.js";

const list = byId("task-list");
const bar = byId("bulk");
const toggle = byId("select");
const observer = new MutationObserver(count);

/** The box that was clicked last: with the shift key, all from there are chosen. */
let last = null;

export function start() {
  toggle.addEventListener("click", () => setOn(bar.hidden));
  byId("bulk-all").addEventListener("click", chooseAll);
  byId("bulk-complete").addEventListener("click", () => run((some) => change(some, { status: "completed" }, "completed")));
  byId("bulk-delete").addEventListener("click", () => run(remove));
  byId("bulk-end").addEventListener("click", () => setOn(false));
  bar.addEventListener("submit", (event) => {
    event.preventDefault();
    const due_date = bar.elements.due.value || null;
    run((some) => change(some, { due_date }, due_date ? "given another due date" : "left without a due date"));
  });
  list.addEventListener("click", onClick);
}

/** Ends the choosing; false when there was none. */
export function end() {
  const wasOn = !bar.hidden;
  if (wasOn) {
    setOn(false);
  }
  return wasOn;
}

function setOn(isOn) {
  bar.hidden = !isOn;
  list.classList.toggle("is-selecting", isOn);
  toggle.setAttribute("aria-pressed", String(isOn));
  last = null;
  boxes().forEach((box) => (box.checked = false));
  if (isOn) {
    observer.observe(list, { attributes: true, attributeFilter: ["hidden"], childList: true, subtree: true });
    boxes()[0]?.focus();
  } else {
    observer.disconnect();
    toggle.focus();
  }
  count();
}

function run(action) {
  const some = rows.visible().filter(({ element }) => box(element).checked);
  if (some.length > 0) {
    setOn(false);
    action(some);
  }
}

function chooseAll() {
  const all = boxes();
  const isChosen = all.every(({ checked }) => checked);
  all.forEach((one) => (one.checked = !isChosen));
  count();
}

function onClick(event) {
  if (!event.target.matches(".pick")) {
    return;
  }
  const all = boxes();
  if (event.shiftKey && all.includes(last)) {
    const [from, to] = [all.indexOf(last), all.indexOf(event.target)].sort((one, other) => one - other);
    all.slice(from, to + 1).forEach((one) => (one.checked = event.target.checked));
  }
  last = event.target;
  count();
}

function count() {
  const chosen = boxes().filter(({ checked }) => checked).length;
  byId("bulk-count").textContent = `${chosen} selected`;
  for (const id of ["bulk-complete", "bulk-due-set", "bulk-delete"]) {
    byId(id).disabled = chosen === 0;
  }
}

function boxes() {
  return rows.visible().filter((row) => !row.isEdited).map(({ element }) => box(element));
}

function box(element) {
  return element.querySelector(".pick");
}
