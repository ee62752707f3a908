// The form for a new task.

import { byId } from "./elements.js";
import { clearProblem, showProblem } from "./fields.js";
import * as list from "./list.js";
import * as tasks from "./tasks.js";

const form = byId("add-form");
let isBusy = false;

/** What was sent and not answered yet: the same task is sent again with the same key. */
let attempt = null;

export function start() {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
}

export function clear() {
  attempt = null;
  form.reset();
  clearProblem(form);
}

export function hasDraft() {
  return form.elements.title.value.trim() !== "";
}

async function send() {
  if (isBusy) {
    return;
  }
  const { title, due_date } = form.elements;
  const task = { title: title.value, due_date: due_date.value || null };
  const text = JSON.stringify(task);
  if (attempt?.text !== text) {
    attempt = { text, key: crypto.randomUUID() };
  }
  setBusy(true);
  clearProblem(form);
  try {
    await attempt.problem?.patience();
    list.add(await tasks.create(task, attempt.key));
    attempt = null;
    form.reset();
    title.focus();
  } catch (problem) {
    attempt = problem.isTemporary ? { ...attempt, problem } : null;
    showProblem(form, problem);
  } finally {
    setBusy(false);
    byId("add-submit").textContent = attempt ? "Try again" : "Add";
  }
}

/** What is being sent can't be changed, so that nothing that is typed meanwhile gets lost. */
function setBusy(value) {
  isBusy = value;
  form.setAttribute("aria-busy", String(value));
  form.elements.title.readOnly = value;
  form.elements.due_date.readOnly = value;
}
