// Reading the list page by page, and what is said when that does not go well.

import * as counts from "./counts.js";
import { byId } from "./elements.js";
import * as list from "./list.js";
import * as tasks from "./tasks.js";
import * as view from "./view.js";

let request = new AbortController();
let nextCursor = null;
let trouble = null;

/** Whether the first page is to be read, and has not come yet. */
let isStale = true;

/** Whether the user has asked for one page more, and it has not come yet. */
let isMoreWanted = false;

export function start() {
  byId("load-more").addEventListener("click", more);
  byId("trouble-retry").addEventListener("click", retry);
  addEventListener("online", retry);
}

/** Reads the first page of another view. */
export function open() {
  isMoreWanted = false;
  return reload();
}

/** Reads the first page anew, and the next one if that was being read. */
export function reload() {
  isStale = true;
  return load();
}

/** Takes over the number of tasks after changes: whether one that is not read is new, only the service knows. */
export async function recount() {
  if (!list.isPart()) {
    return;
  }
  const { signal } = request;
  const { name, q } = view.current();
  const known = q === "" ? counts.of(name) : undefined;
  try {
    const number = known ?? (await tasks.count(view.filter(), signal));
    signal.throwIfAborted();
    list.recount(number);
  } catch {
    // The list says what is wrong.
  }
}

/** Forgets what is being read. */
export function stop() {
  request.abort();
  isMoreWanted = false;
}

function more() {
  isMoreWanted = true;
  return load();
}

/** One page at a time: the view that was asked for last is the one that counts. */
async function load() {
  request.abort();
  request = new AbortController();
  const { signal } = request;
  setTrouble(null);
  setBusy(true);
  try {
    if (isStale) {
      list.show(await read(null, signal));
      isStale = false;
    }
    if (isMoreWanted && nextCursor) {
      list.append(await read(nextCursor, signal));
    }
    isMoreWanted = false;
  } catch (problem) {
    if (signal.aborted) {
      return;
    }
    if (problem.kind !== "signed-out") {
      setTrouble(problem);
    }
  }
  setBusy(false);
}

async function read(cursor, signal) {
  const page = await tasks.list(view.query(), cursor, signal);
  signal.throwIfAborted();
  nextCursor = page.next_cursor;
  return page;
}

function setBusy(isBusy) {
  byId("task-list").setAttribute("aria-busy", String(isBusy));
}

function setTrouble(problem) {
  trouble = problem;
  byId("trouble").hidden = !problem;
  byId("trouble-text").textContent = problem?.sentence ?? "";
}

/** Reads what could not be read. */
export async function retry() {
  if (trouble) {
    const problem = trouble;
    await problem.patience();
    isStale ||= !problem.isTemporary;
    await load();
  }
}
