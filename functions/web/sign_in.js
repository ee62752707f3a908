// The form to sign in, to make an account, or to replace a forgotten password.

import { byId } from "./elements.js";
import { clearProblem, onSubmit } from "./fields.js";
import * as session from "./session.js";

/** What each mode says, which fields it has, and where its other button leads. */
const MODES = {
  "sign-in": {
    title: "Sign in",
    fields: ["email", "password"],
    question: "New here?",
    other: ["Create an account", "register"],
    send: ({ email, password }) => session.signIn({ email, password }),
  },
  register: {
    title: "Create an account",
    fields: ["name", "email", "password"],
    isNew: true,
    question: "You have an account?",
    other: ["Sign in", "sign-in"],
    send: (account) => session.register(account),
  },
  forgot: {
    title: "Send a link",
    fields: ["email"],
    question: "You know it again?",
    other: ["Sign in", "sign-in"],
    send: async ({ email }) => {
      await session.forgotPassword(email);
      show("If there is an account with this e-mail address, a mail with a link is on its way. The link works for 30 minutes.");
    },
  },
  reset: {
    title: "Choose a new password",
    fields: ["password"],
    isNew: true,
    question: "You know the old one again?",
    other: ["Sign in", "sign-in"],
    send: async ({ password }) => {
      await session.resetPassword(token, password);
      token = null;
      show("Your password was changed. Sign in with the new one.");
    },
  },
};

const form = byId("sign-in-form");
let mode = "sign-in";

/** Of the link in a mail, while it is not used. */
let token = null;

export function start() {
  onSubmit(form, send);
  byId("other-mode").addEventListener("click", () => change(MODES[mode].other[1]));
  byId("forgot").addEventListener("click", () => change("forgot"));
  byId("show-password").addEventListener("click", () => setShown(form.elements.password.type === "password"));
}

/** Takes the token of a link out of the address, where it would be kept. */
export function takeToken() {
  const found = location.hash.match(/^#token=(.+)$/);
  if (found) {
    token = found[1];
    history.replaceState(null, "", location.pathname + location.search);
  }
  return found !== null;
}

/** Shows the form, with the reason why somebody who was signed in has to be here. */
export function show(reason) {
  setMode(token ? "reset" : "sign-in");
  byId("sign-in").hidden = false;
  byId("sign-in-reason").textContent = reason;
  form.elements.password.value = "";
  focus();
}

export function hide() {
  token = null;
  byId("sign-in").hidden = true;
  form.elements.password.value = "";
  setShown(false);
}

async function send({ name, email, password }) {
  try {
    await MODES[mode].send({ name: name.value, email: email.value, password: password.value });
  } catch (problem) {
    if (!problem.errors?.some(({ pointer }) => pointer === "/token")) {
      throw problem;
    }
    token = null;
    change("forgot");
    byId("sign-in-reason").textContent = "That link does not work any more. Ask for another one.";
  }
}

function change(wanted) {
  byId("sign-in-reason").textContent = "";
  setMode(wanted);
  focus();
}

function setMode(wanted) {
  mode = wanted;
  const { title, fields, isNew = false, question, other } = MODES[mode];
  document.title = `${title} · Tasks`;
  byId("sign-in-title").textContent = title;
  byId("sign-in-submit").textContent = title;
  byId("other-question").textContent = question;
  byId("other-mode").textContent = other[0];
  byId("password-hint").hidden = !isNew;
  // A hint that is not seen is read out all the same.
  form.elements.password.setAttribute("aria-describedby", isNew ? "password-error password-hint" : "password-error");
  byId("forgot-line").hidden = mode !== "sign-in";
  for (const name of ["name", "email", "password"]) {
    form.querySelector(`[data-field=${name}]`).hidden = !fields.includes(name);
  }
  form.querySelector("label[for=password]").textContent = mode === "reset" ? "New password" : "Password";
  // Password managers read these.
  form.elements.password.autocomplete = isNew ? "new-password" : "current-password";
  clearProblem(form);
}

/** The first field that is still empty. */
function focus() {
  const fields = MODES[mode].fields.map((name) => form.elements[name]);
  (fields.find((field) => field.value === "") ?? fields.at(-1)).focus();
}

function setShown(isShown) {
  const button = byId("show-password");
  form.elements.password.type = isShown ? "text" : "password";
  button.setAttribute("aria-pressed", String(isShown));
}
