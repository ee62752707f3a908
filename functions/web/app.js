// The page: who is signed in decides what it shows.

import * as adding from "./adding.js";
import * as clearing from "./clearing.js";
import { byId } from "./elements.js";
import * as list from "./list.js";
import { endAll, warn } from "./notices.js";
import * as removal from "./removal.js";
import * as session from "./session.js";
import * as signIn from "./sign_in.js";

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

function enter(user) {
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
  signIn.hide();
  byId("who").textContent = user.name;
  byId("account").hidden = false;
  byId("tasks").hidden = false;
  document.title = "Tasks";
  if (!list.hasDrafts()) {
    byId("add-title").focus();
  }
  list.reload();
}

function leave(reason) {
  if (isSignedIn === false) {
    return;
  }
  isSignedIn = false;
  endAll();
  list.clear({ keepDrafts: !isLeaving });
  if (isLeaving) {
    adding.clear();
  }
  byId("account").hidden = true;
  byId("tasks").hidden = true;
  signIn.show(reason);
}

async function signOut() {
  isLeaving = true;
  try {
    await removal.flush();
    await session.signOut();
  } catch (problem) {
    warn(`You have signed out here, but the service could not be told. ${problem.sentence}`);
  } finally {
    isLeaving = false;
  }
}

function onKey(event) {
  const isUndo = event.key === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey;
  const isTyping = event.target.matches("input:not([type=checkbox], [type=radio]), textarea");
  if (isUndo && !isTyping && removal.undoLatest()) {
    event.preventDefault();
  }
}

signIn.start();
list.start();
adding.start();
clearing.start();
session.watch(show);
byId("sign-out").addEventListener("click", signOut);
addEventListener("keydown", onKey);
addEventListener("beforeunload", (event) => {
  if (list.hasDrafts() || adding.hasDraft()) {
    event.preventDefault();
  }
});
show(session.current(), "");
