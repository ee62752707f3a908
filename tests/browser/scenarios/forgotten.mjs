// A forgotten password: a link by mail, a new password, and nothing that works twice.

import assert from "node:assert/strict";

import { linkTo } from "../mails.mjs";
import { newAccount } from "../world.mjs";

const NEW_PASSWORD = "staple battery horse correct";

export default async function play(world) {
  const account = newAccount();
  const elsewhere = await world.open();
  await elsewhere.signUp(account);

  const page = await world.open();
  await page.button("Forgot your password?").click();
  await page.field("E-mail address").fill("ada");
  await page.button("Send a link").click();
  await page.says("E-mail address must be an e-mail address, such as ann@example.com.");
  await page.field("E-mail address").fill(account.email);
  await page.button("Send a link").click();
  await page.says("a mail with a link is on its way");
  await page.button("Sign in").waitFor();

  // The link leads to where the operator has said that this page is.
  const { hash } = new URL(await linkTo(account.email));
  await page.tab.goto(`${world.origin}/${hash}`);
  await page.field("New password").fill("short");
  assert.equal(new URL(page.tab.url()).hash, "");
  await page.button("Choose a new password").click();
  await page.says("New password must have 8 to 128 characters.");
  await page.field("New password").fill(NEW_PASSWORD);
  await page.button("Choose a new password").click();
  await page.says("Your password was changed. Sign in with the new one.");
  await page.signIn(account);
  await page.says("The e-mail address or the password is wrong.");
  await page.signIn({ ...account, password: NEW_PASSWORD });
  await page.expectSignedIn();

  // Earlier sign-ins have ended.
  await elsewhere.turnTo();
  await elsewhere.spoil("access_token");
  await elsewhere.show("Open");
  await elsewhere.says("Your sign-in has ended.");

  // The same link once more, where somebody is signed in.
  await page.turnTo();
  await page.tab.evaluate((hash) => (location.hash = hash), hash);
  await page.field("New password").fill("another battery horse");
  await page.button("Choose a new password").click();
  await page.says("That link does not work any more. Ask for another one.");
  await page.button("Send a link").waitFor();
}
