// Requests to the API about the user's own account.

import { call } from "./session.js";

export function rename(name) {
  return call("PATCH", "me", { body: { name } });
}

/** Ends every sign-in, also this one. */
export function changePassword(current_password, password) {
  return call("PATCH", "me", { body: { current_password, password } });
}

export function remove(password) {
  return call("DELETE", "me", { body: { password } });
}

/** Everything that is stored of the user, page by page: `{ user, sign_ins, tasks }`. */
export async function everything() {
  const tasks = [];
  let cursor = null;
  for (;;) {
    const query = cursor ? `?${new URLSearchParams({ cursor })}` : "";
    const { next_cursor, ...page } = await call("GET", `me/export${query}`);
    tasks.push(...page.tasks);
    if (!next_cursor) {
      return { ...page, tasks };
    }
    cursor = next_cursor;
  }
}
