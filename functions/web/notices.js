// Short messages at the foot of the page, which screen readers speak.

import { button, byId, element } from "./elements.js";

const LIFE_MS = 6000;

/** More than this would cover the list; the oldest one ends then. */
const MOST = 4;

const living = new Set();

/**
 * Says that something went well, in a text or a list of texts and elements.
 * `action` is a button, `{ label, run }`; `onEnd` is called when the message
 * goes without it.
 */
export function tell(text, { action, onEnd } = {}) {
  return new Notice(byId("messages"), text, { action, onEnd, life: LIFE_MS });
}

/** Says that something went wrong; this stays until it is dismissed. */
export function warn(text, { action } = {}) {
  return new Notice(byId("alerts"), text, { action });
}

/** A title in a message, which has not the room for a long one, in its own direction. */
export function quote(title) {
  const characters = [...title];
  return element("bdi", `“${characters.length > 60 ? `${characters.slice(0, 59).join("")}…` : title}”`);
}

/** Takes all messages away. */
export function endAll() {
  for (const notice of [...living]) {
    notice.end();
  }
}

class Notice {
  #element;
  #timer = null;
  #life;
  #onEnd;

  constructor(region, text, { action, onEnd, life }) {
    this.#life = life;
    this.#onEnd = onEnd;
    this.#element = element("div", element("p", ...[text].flat()));
    this.#element.className = "notice";
    if (action) {
      const act = () => {
        this.withdraw();
        action.run();
      };
      this.#element.append(button(action.label, "act", act));
    }
    const dismiss = button("×", "dismiss", () => this.end());
    dismiss.setAttribute("aria-label", "Dismiss this message");
    this.#element.append(dismiss);
    // A user who is about to press the button has all the time that they want.
    for (const event of ["mouseenter", "focusin"]) {
      this.#element.addEventListener(event, () => clearTimeout(this.#timer));
    }
    for (const event of ["mouseleave", "focusout"]) {
      this.#element.addEventListener(event, () => this.#start());
    }
    living.add(this);
    region.append(this.#element);
    this.#start();
    if (living.size > MOST) {
      living.values().next().value.end();
    }
  }

  /** Takes the message away, and nothing follows it. */
  withdraw() {
    this.#onEnd = null;
    this.end();
  }

  /** Takes the message away; what was to follow it, follows. */
  end() {
    if (!living.delete(this)) {
      return;
    }
    clearTimeout(this.#timer);
    this.#element.remove();
    this.#onEnd?.();
  }

  #start() {
    clearTimeout(this.#timer);
    if (this.#life && living.has(this) && !this.#element.matches(":hover, :focus-within")) {
      this.#timer = setTimeout(() => this.end(), this.#life);
    }
  }
}
