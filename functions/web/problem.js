// Why a request did not succeed, as a sentence for the person who waits for it.

/** What the service says in problem details (RFC 9457), or what is known without it. */
export class Problem extends Error {
  /**
   * @param kind the last part of `type`, such as `not-found`, which is stable
   * @param errors for 422: `[{ pointer: "/title", detail: "must …" }]`
   * @param retryAfter seconds to wait before another attempt
   */
  constructor({ kind, status = 0, detail = "", errors = [], retryAfter = 0 }) {
    super(detail);
    Object.assign(this, { kind, status, detail, errors, retryAfter });
    this.since = Date.now();
  }

  static async of(response) {
    const retryAfter = Number(response.headers.get("retry-after")) || 0;
    const { status } = response;
    try {
      const { type, detail, errors } = await response.json();
      const kind = type.split("/").pop();
      return new Problem({ kind, status, detail, errors, retryAfter });
    } catch {
      // API Gateway itself answers without problem details.
      return new Problem({ kind: status === 429 ? "busy" : "unknown", status, retryAfter });
    }
  }

  static unreachable() {
    return new Problem({ kind: "unreachable" });
  }

  static signedOut() {
    return new Problem({ kind: "signed-out", status: 401 });
  }

  /** Whether the same request may succeed later. */
  get isTemporary() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  /** What it says to a person. Some details speak to programs, so those are put differently. */
  get sentence() {
    switch (this.kind) {
      case "unreachable":
        return "The service can’t be reached. Check your connection and try again.";
      case "unavailable":
        return "The service is away for a moment. Nothing was changed: try again.";
      case "outcome-unknown":
        return "The connection broke before the answer came, so it is unknown whether the change was made. Trying again is safe: nothing happens twice.";
      case "busy":
        return "The service has too much to do right now. Try again in a moment.";
      case "too-many-requests":
        return `There were too many attempts. Try again in ${duration(this.retryAfter)}.`;
      case "unknown":
        return `The service gave an answer that this page does not understand (status ${this.status}).`;
      default:
        return this.detail;
    }
  }

  /** Resolves when `Retry-After` has passed. */
  async patience() {
    const left = this.since + this.retryAfter * 1000 - Date.now();
    if (left > 0) {
      await new Promise((resolve) => setTimeout(resolve, left));
    }
  }
}

function duration(seconds) {
  const minutes = Math.ceil(seconds / 60);
  return seconds <= 90 ? `${Math.max(seconds, 1)} seconds` : `${minutes} minutes`;
}
