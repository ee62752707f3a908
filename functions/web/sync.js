// Changes by others, and by the user elsewhere: seen when the page gets the focus,
// and every half minute while it is looked at.

import * as counts from "./counts.js";
import { today } from "./dates.js";
import { byId } from "./elements.js";
import * as list from "./list.js";
import * as pages from "./pages.js";
import * as queue from "./queue.js";
import * as tasks from "./tasks.js";

const PERIOD_MS = 30_000;

/** The focus and the visibility of a page change together. */
const TOGETHER_MS = 30;

const KEY = "tasks.since";

let user = null;
let since = null;
let day = today();
let isLooking = false;
let isDue = false;
let timer = null;

export function start() {
  for (const [target, event] of [[window, "focus"], [window, "online"], [document, "visibilitychange"]]) {
    target.addEventListener(event, soon);
  }
  setInterval(soon, PERIOD_MS);
}

/** Reads all that is seen, and follows what changes from there on. */
export async function begin(id) {
  user = id;
  since = kept();
  if (!since) {
    await begun();
  }
  // A mark of before the reload brings some changes twice, and loses none.
  await Promise.all([pages.reload(), counts.refresh()]);
}

export function stop() {
  user = null;
  setConnected(true);
}

/** Asks for changes in a moment. */
export function soon() {
  clearTimeout(timer);
  timer = setTimeout(look, TOGETHER_MS);
}

async function look() {
  if (!user || document.hidden) {
    return;
  }
  if (isLooking) {
    isDue = true;
    return;
  }
  isLooking = true;
  try {
    await follow();
    setConnected(true);
    await Promise.all([pages.retry(), queue.send()]);
  } catch (problem) {
    setConnected(problem.kind !== "unreachable");
  } finally {
    isLooking = false;
  }
  if (isDue) {
    isDue = false;
    soon();
  }
}

async function follow() {
  const isNewDay = day !== today();
  day = today();
  if (isNewDay) {
    list.redate();
  }
  const changes = isNewDay ? null : await read();
  if (!changes || changes.has_more) {
    await begun();
    await Promise.all([pages.reload(), counts.refresh()]);
    return;
  }
  keep(changes.next_since);
  changes.tasks.forEach(list.apply);
  changes.deleted.forEach(({ id }) => list.forget(id));
  if (changes.tasks.length > 0 || changes.deleted.length > 0) {
    await counts.refresh();
    await pages.recount();
  }
}

/** What has changed, or null when that is not known any more. */
async function read() {
  try {
    return since && (await tasks.changes(since));
  } catch (problem) {
    if (problem.status === 410) {
      return null;
    }
    throw problem;
  }
}

async function begun() {
  try {
    const { next_since } = await tasks.changes("now");
    keep(next_since);
  } catch {
    // The list, which is read next, says what is wrong; the next look begins anew.
    since = null;
  }
}

function keep(mark) {
  since = mark;
  sessionStorage.setItem(KEY, JSON.stringify({ user, since }));
}

function kept() {
  try {
    const stored = JSON.parse(sessionStorage.getItem(KEY));
    return stored.user === user ? stored.since : null;
  } catch {
    return null;
  }
}

function setConnected(isConnected) {
  byId("offline").hidden = isConnected;
}
