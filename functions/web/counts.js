// How many tasks each view has: asked for once, and then kept up to date with
// what the user does.

import { today } from "./dates.js";
import { byId } from "./elements.js";
import * as tasks from "./tasks.js";
import { VIEWS } from "./views.js";

let numbers = null;

/** How often the user has changed something: an answer from before is out of date. */
let changes = 0;

/** Asks anew. Without an answer the numbers stay as they are. */
export async function refresh() {
  try {
    for (let before = null; before !== changes; ) {
      before = changes;
      const stats = await tasks.stats(today());
      numbers = Object.fromEntries(Object.entries(VIEWS).map(([name, { count }]) => [name, count(stats)]));
    }
    show();
  } catch {
    // The list says what is wrong.
  }
}

export function clear() {
  numbers = null;
  show();
}

/** How many tasks a view has, if that is known. */
export function of(name) {
  return numbers?.[name];
}

/** One task has changed; null stands for one that is not there. */
export function change(before, after) {
  changes += 1;
  if (!numbers) {
    return;
  }
  for (const [name, { shows }] of Object.entries(VIEWS)) {
    const [was, is] = [before, after].map((task) => Number(task !== null && shows(task)));
    numbers[name] = Math.max(numbers[name] + is - was, 0);
  }
  show();
}

function show() {
  for (const { value, labels } of byId("tools").elements.show) {
    labels[0].querySelector(".number").textContent = numbers?.[value] ?? "";
  }
}
