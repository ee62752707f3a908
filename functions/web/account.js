// The dialog about the user's own account.

import { today } from "./dates.js";
import { byId, element } from "./elements.js";
import { clearProblem, onSubmit } from "./fields.js";
import * as me from "./me.js";
import { tell } from "./notices.js";
import * as session from "./session.js";

const dialog = byId("account-dialog");

/** `leaveBy(end)` saves first what is not saved, `abandonBy(end)` gives it up. */
export function start(leaveBy, abandonBy) {
  byId("account-open").addEventListener("click", open);
  byId("account-close").addEventListener("click", () => dialog.close());
  onSubmit(byId("account-name"), rename);
  onSubmit(byId("account-password"), changePassword);
  onSubmit(byId("account-export"), exportAll);
  onSubmit(byId("account-everywhere"), () => leaveBy(session.signOutEverywhere));
  onSubmit(byId("account-delete"), async ({ password }) => {
    await me.remove(password.value);
    await abandonBy(() => session.forget("Your account and all your tasks were deleted."));
  });
}

export function close() {
  dialog.close();
}

function open() {
  const { user } = session.current();
  for (const form of dialog.querySelectorAll("form")) {
    form.reset();
    clearProblem(form);
  }
  for (const details of dialog.querySelectorAll("details")) {
    details.open = false;
  }
  byId("account-email").textContent = user.email;
  byId("account-name").elements.name.value = user.name;
  for (const field of dialog.querySelectorAll("[autocomplete=username]")) {
    field.value = user.email;
  }
  dialog.showModal();
}

async function rename({ name }) {
  await session.update(await me.rename(name.value));
  dialog.close();
  tell("Your name was changed.");
}

async function changePassword({ current_password, password }) {
  const { email } = session.current().user;
  await me.changePassword(current_password.value, password.value);
  // That has ended every sign-in, also the one of this page.
  try {
    await session.signIn({ email, password: password.value });
  } catch {
    session.forget("Your password was changed. Sign in with the new one.");
    return;
  }
  dialog.close();
  tell("Your password was changed. Everywhere else you are signed out.");
}

async function exportAll() {
  const everything = await me.everything();
  const file = new Blob([JSON.stringify(everything, null, 2)], { type: "application/json" });
  const link = element("a");
  link.href = URL.createObjectURL(file);
  link.download = `tasks-${today()}.json`;
  link.click();
  URL.revokeObjectURL(link.href);
  dialog.close();
  tell(`${everything.tasks.length === 1 ? "1 task was" : `${everything.tasks.length} tasks were`} exported.`);
}
