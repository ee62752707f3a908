// Access tokens expire, refresh tokens are good for one use, and tabs share both.

import assert from "node:assert/strict";

import { newAccount } from "../world.mjs";

export default async function play(world) {
  const account = newAccount();
  const one = await world.open();
  await one.signUp(account);
  await one.add("Kept");
  const two = await world.openTab(one.tab.context());
  await two.expectSignedIn();

  // Several requests of two tabs at once, and one refresh in each tab at most: a
  // tab may be let in before it sees what the other one has stored.
  const answers = [one.answers(), two.answers()];
  const refreshesOf = (tab, status) => tab.filter((answer) => answer === `${status} POST auth/refresh`).length;
  const refreshes = (status) => refreshesOf(answers.flat(), status);
  const before = await one.session();
  await one.spoil("access_token");
  await Promise.all([
    one.row("Kept").getByRole("checkbox").check().then(() => one.show("Open")),
    two.show("Open"),
  ]);
  await one.eventually(async () => assert.ok((await one.stored())[0].completed));
  await Promise.all([one.show("All"), two.show("All")]);
  await one.says("1 task");
  await two.says("1 task");
  const first = refreshes(200);
  assert.ok(first >= 1 && answers.every((tab) => refreshesOf(tab, 200) <= 1), `${first} refreshes`);
  const after = await one.session();
  assert.notEqual(after.refresh_token, before.refresh_token);

  // The sign-in goes on: it can be refreshed again.
  await two.spoil("access_token");
  await two.show("Completed");
  await two.eventually(async () => assert.equal(refreshes(200), first + 1));
  await two.says("1 completed task");

  // A tab that does not see yet what the other one has stored presents a used
  // token, and gets a session as a client does whose answer was lost.
  await one.spoil("access_token");
  await two.eventually(async () => assert.equal((await two.session()).access_token, "spoilt"));
  await two.tab.evaluate(() => {
    const { getItem } = Storage.prototype;
    const old = localStorage.getItem("tasks.session");
    Storage.prototype.getItem = () => old;
    window.catchUp = () => {
      Storage.prototype.getItem = getItem;
    };
  });
  await one.show("Completed");
  await one.eventually(async () => assert.equal(refreshes(200), first + 2));
  await two.show("All");
  await two.eventually(async () => assert.equal(refreshes(200), first + 3));
  await two.tab.evaluate(() => window.catchUp());
  await two.says("1 task");
  assert.equal(refreshes(401), 0);
  assert.notEqual(await two.session(), null);

  // A refresh that is refused leads to the form, and what was typed stays.
  await one.show("All");
  await one.field("New task").fill("Half a thought");
  await one.edit("Kept");
  await one.editor("Kept").getByLabel("Description").fill("A long text");
  await one.spoil("access_token", "refresh_token");
  await one.editor("Kept").getByRole("button", { name: "Save" }).click();
  await one.says("Your sign-in has ended. Sign in again; what you typed is still there.");
  await two.button("Sign in").waitFor();
  await one.turnTo();
  await one.signIn(account);
  await one.expectSignedIn();
  await two.expectSignedIn();
  assert.equal(await one.field("New task").inputValue(), "Half a thought");
  await one.editor("Kept").getByRole("button", { name: "Save" }).click();
  await one.row("Kept").getByText("A long text").waitFor();

  // Out in one tab is out in all, also in the middle of a change of the user.
  await one.turnTo();
  await one.button("Account:", false).click();
  const dialog = one.tab.getByRole("dialog", { name: "Account" });
  await one.delay(2000);
  await dialog.getByLabel("Name").fill("Ada King");
  await dialog.getByRole("button", { name: "Save" }).click();
  await two.turnTo();
  await two.button("Sign out").click();
  await one.turnTo();
  await one.button("Sign in").waitFor();
  await one.eventually(async () => assert.ok(answers[0].includes("200 PATCH me")));
  await one.tab.waitForTimeout(500);
  assert.equal(await one.session(), null);
  await one.button("Sign in").waitFor();
}
