// Who is signed in. All tabs share one session, in localStorage: the strict
// Content-Security-Policy lets no foreign script run that could read it.

import { send } from "./api.js";
import { Problem } from "./problem.js";

const KEY = "tasks.session";
const LOCK = "tasks.session";

const listeners = new Set();

/** Calls `listener(session or null, reason)` whenever somebody signs in or out, in any tab. */
export function watch(listener) {
  listeners.add(listener);
}

/** `{ user, access_token, refresh_token, expires_at }`, or null. */
export function current() {
  try {
    return JSON.parse(localStorage.getItem(KEY));
  } catch {
    return null;
  }
}

export async function register(account) {
  await begin(await send("POST", "auth/register", { body: account }));
}

export async function signIn(credentials) {
  await begin(await send("POST", "auth/login", { body: credentials }));
}

/** Asks for a mail with a link; the answer is the same without an account. */
export function forgotPassword(email) {
  return send("POST", "auth/forgot-password", { body: { email } });
}

/** Gives the account of a link's token a new password, which ends every sign-in. */
export function resetPassword(token, password) {
  return send("POST", "auth/reset-password", { body: { token, password } });
}

/** Ends the sign-in here and at the service, which revokes the refresh token. */
export function signOut() {
  return navigator.locks.request(LOCK, async () => {
    try {
      await endAtService({});
    } finally {
      forget("You have signed out.");
    }
  });
}

/** Ends all sign-ins; while the service does not know, this one goes on. */
export function signOutEverywhere() {
  return navigator.locks.request(LOCK, async () => {
    await endAtService({ everywhere: true });
    forget("You have signed out everywhere. Other devices notice within 15 minutes.");
  });
}

/** Ends the sign-in here. */
export function forget(reason) {
  if (current()) {
    localStorage.removeItem(KEY);
    tell(null, reason);
  }
}

/** Takes over what the service says of the user, while that is the one who is signed in. */
export function update(user) {
  return navigator.locks.request(LOCK, () => {
    const session = current();
    if (session?.user.id === user.id) {
      tell(keep({ ...session, user }));
    }
  });
}

/**
 * A request with the access token. That lives 15 minutes: when the service
 * refuses it, it is renewed once and the request repeated.
 */
export async function call(method, path, options = {}) {
  const session = current();
  if (!session) {
    throw Problem.signedOut();
  }
  try {
    return await send(method, path, { ...options, token: session.access_token });
  } catch (problem) {
    if (problem.status !== 401) {
      throw problem;
    }
  }
  const renewed = await renew(session);
  try {
    return await send(method, path, { ...options, token: renewed });
  } catch (problem) {
    if (problem.status !== 401) {
      throw problem;
    }
    forget("Your account can’t be used any more. Sign in again.");
    throw Problem.signedOut();
  }
}

/** Sees to it that the access token is good for some seconds more: later there may be no time. */
export async function keepFresh(seconds) {
  const session = current();
  if (session && session.expires_at < Date.now() + seconds * 1000) {
    await renew(session);
  }
}

/**
 * A new access token of the same user in place of that of `stale`.
 *
 * A refresh token is good for one use. So one request at a time renews, in
 * whatever tab, and the next one finds that it has been done. Browsers keep no
 * order between locks and localStorage: a tab may not see yet what the tab
 * before it has stored. It presents the used token then, which the service
 * takes for a client whose answer was lost.
 */
function renew(stale) {
  return navigator.locks.request(LOCK, async () => {
    const session = current();
    if (session?.user.id !== stale.user.id) {
      throw Problem.signedOut();
    }
    if (session.access_token !== stale.access_token) {
      return session.access_token;
    }
    try {
      const body = { refresh_token: session.refresh_token };
      return store(await send("POST", "auth/refresh", { body })).access_token;
    } catch (problem) {
      if (problem.status !== 401) {
        throw problem;
      }
      forget("Your sign-in has ended. Sign in again; what you typed is still there.");
      throw Problem.signedOut();
    }
  });
}

/** Not while another tab renews the session of before, which it would store over this one. */
function begin(answer) {
  return navigator.locks.request(LOCK, () => tell(store(answer)));
}

function store({ user, access_token, refresh_token, expires_in }) {
  return keep({ user, access_token, refresh_token, expires_at: Date.now() + expires_in * 1000 });
}

function keep(session) {
  localStorage.setItem(KEY, JSON.stringify(session));
  return session;
}

async function endAtService(how) {
  const session = current();
  if (session) {
    await send("POST", "auth/logout", { body: { refresh_token: session.refresh_token, ...how } });
  }
}

function tell(session, reason = "") {
  for (const listener of listeners) {
    listener(session, reason);
  }
}

// Heard by all tabs but the one that made the change.
addEventListener("storage", ({ key }) => {
  if (key === KEY || key === null) {
    tell(current(), "You have signed out in another tab.");
  }
});
