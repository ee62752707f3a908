// The view of the list: the controls above it and the address of the page say
// the same, so that a reload, a bookmark and the way back keep it.

import { byId } from "./elements.js";
import { VIEWS } from "./views.js";

const TYPING_PAUSE_MS = 250;

const controls = byId("tools");
/** What the controls say, as of the last change. */
let seen = null;
let listener = () => {};
let typing = null;

/** The order that the user has chosen; else each view has its own. */
let chosenSort = null;

/** Calls `onChange` whenever the user wants to see something else. */
export function start(onChange) {
  listener = onChange;
  restore();
  controls.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(typing);
    change("replaceState");
  });
  controls.addEventListener("change", ({ target }) => {
    if (target.name === "sort") {
      chosenSort = target.value;
    }
    if (target.name !== "q") {
      change();
    }
  });
  controls.elements.q.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => change("replaceState"), TYPING_PAUSE_MS);
  });
  byId("show-all").addEventListener("click", widen);
  addEventListener("popstate", () => {
    restore();
    listener();
  });
}

/** `{ name, q, sort }`. */
export function current() {
  return seen;
}

/** What the API is to be asked for. */
export function query() {
  return { ...filter(), sort: seen.sort };
}

/** The same without the order, for their number. */
export function filter() {
  const { name, q } = seen;
  return { ...VIEWS[name].query(), ...(q && { q }) };
}

/** Whether a task is part of what is shown. */
export function shows(task) {
  const { name, q } = seen;
  const text = `${task.title}\n${task.description}`.toLowerCase();
  return VIEWS[name].shows(task) && text.includes(q.toLowerCase());
}

/** Shows all tasks. */
export function widen() {
  clearTimeout(typing);
  controls.elements.show.value = "all";
  controls.elements.q.value = "";
  controls.elements.show[0].focus();
  change();
}

export function focusSearch() {
  controls.elements.q.select();
}

function change(method = "pushState") {
  read();
  record(method);
  listener();
}

function read() {
  const { show, q, sort } = controls.elements;
  sort.value = chosenSort ?? VIEWS[show.value].sort;
  seen = { name: show.value, q: q.value.trim(), sort: sort.value };
}

/** Takes over what the address says, as far as it is known. */
function restore() {
  clearTimeout(typing);
  const address = new URLSearchParams(location.search);
  const { show, q, sort } = controls.elements;
  const view = address.get("view");
  show.value = Object.hasOwn(VIEWS, view) ? view : "all";
  q.value = address.get("q") ?? "";
  const isKnown = [...sort.options].some((option) => option.value === address.get("sort"));
  chosenSort = isKnown ? address.get("sort") : null;
  read();
}

function record(method) {
  const { name, q } = seen;
  const address = new URLSearchParams();
  if (name !== "all") {
    address.set("view", name);
  }
  if (q) {
    address.set("q", q);
  }
  if (chosenSort) {
    address.set("sort", chosenSort);
  }
  const search = address.size > 0 ? `?${address}` : location.pathname;
  if (search !== (location.search || location.pathname)) {
    history[method](null, "", search);
  }
}
