// The form for a new task. It is free for the next one at once: the queue
// sees to it that none gets lost.

import { today } from "./dates.js";
import * as drafts from "./drafts.js";
import { byId } from "./elements.js";
import { clearProblem, incomplete, showErrors } from "./fields.js";
import * as queue from "./queue.js";
import * as view from "./view.js";

const DRAFT = "add";

const form = byId("add-form");
const { title, due_date: due } = form.elements;

export function start() {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    add();
  });
  form.addEventListener("input", keep);
}

/** Puts back what was typed before a reload. */
export function restore() {
  const draft = drafts.of(DRAFT);
  suggestDue();
  if (draft) {
    title.value = draft.title;
    due.value = draft.due;
  }
}

/** Among the tasks for today, a new one is for today unless the user says otherwise. */
export function suggestDue() {
  const suggested = view.current().name === "today" ? today() : "";
  if (due.value === due.defaultValue) {
    due.value = suggested;
  }
  due.defaultValue = suggested;
}

export function clear() {
  form.reset();
  clearProblem(form);
}

export function focus() {
  title.focus();
}

function add() {
  const errors = incomplete(form);
  if (title.value.trim() === "") {
    errors.unshift({ pointer: "/title", detail: "must not be blank." });
  }
  showErrors(form, errors);
  if (errors.length > 0) {
    return;
  }
  queue.add({ title: title.value, due_date: due.value || null });
  form.reset();
  drafts.drop(DRAFT);
  title.focus();
}

function keep() {
  const isEmpty = title.value === "" && due.value === due.defaultValue;
  drafts.keep(DRAFT, isEmpty ? null : { title: title.value, due: due.value });
}
