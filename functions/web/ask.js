// A question before something that can't be undone.

import { byId } from "./elements.js";

const dialog = byId("ask-dialog");

/** Whether the user wants it. */
export function ask({ title, text, yes, no = "Cancel" }) {
  byId("ask-title").textContent = title;
  byId("ask-text").textContent = text;
  byId("ask-yes").textContent = yes;
  byId("ask-no").textContent = no;
  // Escape leaves the answer of the last time.
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
