// Reading the list page by page, and what is said when that does not go well.

import { byId } from "./elements.js";
import * as list from "./list.js";
import * as tasks from "./tasks.js";
import * as view from "./view.js";

let request = new AbortController();
let nextCursor = null;
let trouble = null;

export function start() {
  byId("load-more").addEventListener("click", more);
  byId("trouble-retry").addEventListener("click", retry);
  addEventListener("online", retry);
}

/** Reads the first page anew. */
export function reload() {
  return load(null, list.show);
}

/** Forgets what is being read. */
export function stop() {
  request.abort();
  nextCursor = null;
}

function more() {
  return load(nextCursor, list.append);
}

/** One request at a time: the view that was asked for last is the one that counts. */
async function load(cursor, show) {
  request.abort();
  request = new AbortController();
  const { signal } = request;
  setTrouble(null);
  setBusy(true);
  try {
    const page = await tasks.list(view.query(), cursor, signal);
    signal.throwIfAborted();
    nextCursor = page.next_cursor;
    show(page);
  } catch (problem) {
    if (signal.aborted) {
      return;
    }
    if (problem.kind !== "signed-out") {
      setTrouble(problem, cursor);
    }
  }
  setBusy(false);
}

function setBusy(isBusy) {
  byId("task-list").setAttribute("aria-busy", String(isBusy));
}

function setTrouble(problem, cursor) {
  trouble = problem && { problem, cursor };
  byId("trouble").hidden = !problem;
  byId("trouble-text").textContent = problem?.sentence ?? "";
}

/** Reads what could not be read. */
export async function retry() {
  if (trouble) {
    const { problem, cursor } = trouble;
    await problem.patience();
    await (cursor && problem.isTemporary ? more() : reload());
  }
}
