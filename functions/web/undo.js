// Taking back what was done last, for as long as the message about it is seen.

import { tell } from "./notices.js";

/** What can be taken back, the latest last. */
const offers = [];

/**
 * Says that something was done, with a button that takes it back. `onEnd` is
 * called when the message goes and nothing was taken back.
 */
export function offer(text, undo, onEnd = () => {}) {
  const made = { undo };
  const close = () => offers.splice(offers.indexOf(made), offers.includes(made) ? 1 : 0);
  made.notice = tell(text, {
    action: {
      label: "Undo",
      run: () => {
        close();
        undo();
      },
    },
    onEnd: () => {
      close();
      onEnd();
    },
  });
  made.withdraw = () => {
    close();
    made.notice.withdraw();
  };
  offers.push(made);
  return made;
}

/** Takes the latest back; false when there is nothing. */
export function undoLatest() {
  const latest = offers.at(-1);
  if (!latest) {
    return false;
  }
  latest.withdraw();
  latest.undo();
  return true;
}
