// The page: who is signed in decides what it shows.

import * as account from "./account.js";
import * as adding from "./adding.js";
import { ask } from "./ask.js";
import * as clearing from "./clearing.js";
import * as counts from "./counts.js";
import * as drafts from "./drafts.js";
import { byId } from "./elements.js";
import * as keys from "./keys.js";
import * as list from "./list.js";
import { endAll, warn } from "./notices.js";
import * as pages from "./pages.js";
import * as queue from "./queue.js";
import * as removal from "./removal.js";
import * as selection from "./selection.js";
import * as session from "./session.js";
import * as signIn from "./sign_in.js";
import * as sync from "./sync.js";
import * as view from "./view.js";
import * as waiting from "./waiting.js";

/** Whose tasks the page shows, or showed before the sign-in ended. */
let lastUser = null;
let isSignedIn = null;

/** A sign-out that the user asked for; then nothing is kept. */
let isLeaving = false;

function show(current, reason) {
  if (current) {
    enter(current.user);
  } else {
    leave(reason);
  }
}

async function enter(user) {
  byId("who").textContent = user.name;
  // Another tab has renewed the session.
  if (isSignedIn && user.id === lastUser) {
    return;
  }
  if (user.id !== lastUser) {
    list.clear();
    adding.clear();
  }
  isSignedIn = true;
  lastUser = user.id;
  drafts.belongTo(user.id);
  signIn.hide();
  byId("account").hidden = false;
  byId("tasks").hidden = false;
  setLoading(true);
  document.title = "Tasks";
  adding.restore();
  adding.focus();
  waiting.render();
  queue.send();
  await sync.begin(user.id);
  setLoading(false);
  const edited = drafts.all().filter(([, { base }]) => base);
  for (const [, { base, draft }] of isSignedIn ? edited : []) {
    await list.reopen(base, draft);
  }
}

/** Until there is a list, nothing is seen that it could push aside. */
function setLoading(isLoading) {
  document.body.classList.toggle("is-loading", isLoading);
}

function leave(reason) {
  if (isSignedIn === false) {
    return;
  }
  isSignedIn = false;
  setLoading(false);
  sync.stop();
  pages.stop();
  selection.end();
  account.close();
  endAll();
  list.clear({ keepDrafts: !isLeaving });
  counts.clear();
  if (isLeaving) {
    adding.clear();
    drafts.clear();
    queue.clear(lastUser);
  }
  waiting.render();
  byId("account").hidden = true;
  byId("tasks").hidden = true;
  signIn.show(reason);
}

/** Leaves nothing behind in this browser: what is not saved is saved or given up before `end`. */
async function leaveBy(end) {
  await Promise.all([removal.flush(), queue.send()]);
  const count = queue.entries().length;
  const isWanted =
    count === 0 ||
    (await ask({
      title: "Sign out and lose new tasks?",
      text: `${count === 1 ? "1 new task is" : `${count} new tasks are`} not saved yet.`,
      yes: "Sign out",
      no: "Stay",
    }));
  if (isWanted) {
    await abandonBy(end);
  }
}

async function abandonBy(end) {
  isLeaving = true;
  try {
    await end();
  } finally {
    isLeaving = false;
  }
}

async function signOut() {
  try {
    await leaveBy(session.signOut);
  } catch (problem) {
    warn(`You have signed out here, but the service could not be told. ${problem.sentence}`);
  }
}

signIn.start();
view.start(() => {
  adding.suggestDue();
  list.narrow();
  pages.open();
});
pages.start();
adding.start();
waiting.start();
queue.start({ changed: waiting.render, made: list.add, elsewhere: sync.soon });
clearing.start();
selection.start();
account.start(leaveBy, abandonBy);
keys.start({ n: adding.focus, "/": view.focusSearch, Escape: selection.end });
sync.start();
session.watch(show);
byId("sign-out").addEventListener("click", signOut);
// A link in a mail, opened in a new tab or in this one.
addEventListener("hashchange", () => location.hash.startsWith("#token=") && location.reload());
if (signIn.takeToken()) {
  session.forget("");
}
show(session.current(), "");
