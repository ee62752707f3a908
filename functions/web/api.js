// One request to the API, which is served from the same origin as this page.

import { Problem } from "./problem.js";

/** Relative to this file, so that the service may be mounted under any path. */
const API = new URL("../api/v1/", import.meta.url);

/**
 * Sends a request and returns the JSON of the answer, null for one without.
 * Throws a `Problem` for everything but success.
 */
export async function send(method, path, { body, headers, token, keepalive, signal } = {}) {
  const all = new Headers(headers);
  if (token) {
    all.set("authorization", `Bearer ${token}`);
  }
  if (body) {
    all.set("content-type", "application/json");
  }
  const options = { method, headers: all, keepalive, signal, credentials: "omit" };
  try {
    const response = await fetch(new URL(path, API), { ...options, body: body && JSON.stringify(body) });
    if (!response.ok) {
      throw await Problem.of(response);
    }
    return [202, 204].includes(response.status) ? null : await response.json();
  } catch (cause) {
    if (cause instanceof Problem || cause.name === "AbortError") {
      throw cause;
    }
    throw Problem.unreachable();
  }
}
