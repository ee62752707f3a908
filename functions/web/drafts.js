// Drafts: text that is typed and not sent yet, so that a reload does not lose it. Each tab
// has its own; a tab that is closed leaves it to the next one.

const KEY = "tasks.drafts";

let owner = null;
const drafts = new Map();

/** Whose drafts they are. Those of somebody else go. */
export function belongTo(user) {
  if (owner !== user) {
    drafts.clear();
    owner = user;
    store();
  }
}

/** Keeps a draft, a value that is JSON; null drops it. */
export function keep(name, draft) {
  if (draft === null) {
    drafts.delete(name);
  } else {
    drafts.set(name, draft);
  }
  store();
}

export function drop(name) {
  keep(name, null);
}

export function of(name) {
  return drafts.get(name) ?? null;
}

/** `[name, draft]` of all, the oldest first. */
export function all() {
  return [...drafts];
}

/** Drops all. */
export function clear() {
  drafts.clear();
  store();
}

function store(storage = sessionStorage) {
  if (drafts.size > 0) {
    storage.setItem(KEY, JSON.stringify({ owner, drafts: [...drafts] }));
  } else {
    storage.removeItem(KEY);
  }
}

/** Takes over the drafts that are stored, as far as they are of the same user and this tab has none of that name. */
function adopt(storage) {
  try {
    const stored = JSON.parse(storage.getItem(KEY));
    owner ??= stored.owner;
    if (stored.owner === owner) {
      stored.drafts.forEach(([name, draft]) => drafts.has(name) || drafts.set(name, draft));
    }
  } catch {
    // There is nothing.
  }
}

function adoptLeft() {
  adopt(localStorage);
  localStorage.removeItem(KEY);
  store();
}

adopt(sessionStorage);
adoptLeft();

addEventListener("pagehide", () => {
  if (drafts.size > 0) {
    adopt(localStorage);
    store(localStorage);
  }
});

addEventListener("pageshow", ({ persisted }) => {
  if (persisted) {
    adoptLeft();
  }
});
