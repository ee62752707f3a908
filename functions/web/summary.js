// The sentence about the list: how many tasks there are, what to do when there
// are none, and that there are more.

import { byId } from "./elements.js";
import * as view from "./view.js";
import { VIEWS } from "./views.js";

export function describe({ total, seen, hasMore }) {
  const { name, q } = view.current();
  const { says, empty } = VIEWS[name];
  const matching = q ? ` with “${q}”` : "";
  byId("count").textContent = `${total} ${says(total === 1 ? "task" : "tasks")}${matching}`;
  byId("empty").hidden = seen > 0 || total > 0;
  byId("empty-text").textContent = q ? "No task is like that." : empty;
  byId("show-all").hidden = name === "all" && q === "";
  byId("load-more").hidden = !hasMore;
  byId("load-more").textContent = `Show more (${seen} of ${total})`;
}
