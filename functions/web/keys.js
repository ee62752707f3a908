// Single keys for what is done often. Somebody who speaks to a computer, or
// whose hands are not steady, can switch them off (WCAG 2.2, 2.1.4).

import { byId } from "./elements.js";
import { undoLatest } from "./undo.js";

const OFF = "tasks.keys.off";

const dialog = byId("keys-dialog");
const setting = byId("keys-on");

/** `actions` are functions by keys; those that return false leave the key to the browser. */
export function start(actions) {
  setting.checked = localStorage.getItem(OFF) === null;
  setting.addEventListener("change", () => {
    if (setting.checked) {
      localStorage.removeItem(OFF);
    } else {
      localStorage.setItem(OFF, "");
    }
  });
  byId("keys-open").addEventListener("click", () => dialog.showModal());
  const all = { ...actions, "?": () => dialog.showModal() };
  addEventListener("keydown", (event) => {
    if (runs(event, all)) {
      event.preventDefault();
    }
  });
}

function runs(event, actions) {
  if (event.defaultPrevented || event.isComposing || isTyping(event.target) || document.querySelector("dialog[open]")) {
    return false;
  }
  const hasModifier = event.ctrlKey || event.metaKey || event.altKey;
  if (event.key === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey) {
    return undoLatest();
  }
  const isAllowed = setting.checked || event.key === "Escape";
  const action = !hasModifier && isAllowed && Object.hasOwn(actions, event.key) && actions[event.key];
  return Boolean(action) && action() !== false;
}

function isTyping(target) {
  return target.matches("input:not([type=checkbox], [type=radio]), textarea, select");
}
