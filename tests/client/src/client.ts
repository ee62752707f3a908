// A client whose requests and answers are checked against the API's document.

import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "./todo.js";

export type Task = components["schemas"]["Task"];
export type Problem = components["schemas"]["Problem"];
export type Session = components["schemas"]["Session"];

/** What the service refused, and why. */
export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

/** The answer of an operation, or its problem thrown. */
export function expectData<T>(answer: { data?: T; error?: Problem }): T {
  if (answer.error !== undefined) throw new Refused(answer.error);
  if (answer.data === undefined) throw new Error("The answer has no body.");
  return answer.data;
}

/** Somebody who is signed in. */
export class Todos {
  private constructor(private readonly api: Client<paths>) {}

  static async register(
    baseUrl: string,
    account: components["schemas"]["Registration"],
  ): Promise<Todos> {
    const api = createClient<paths>({ baseUrl });
    const session = expectData(await api.POST("/api/v1/auth/register", { body: account }));
    const headers = { authorization: `${session.token_type} ${session.access_token}` };
    return new Todos(createClient<paths>({ baseUrl, headers }));
  }

  /** Every open task, page by page. */
  async *open(limit: number): AsyncGenerator<Task> {
    let cursor: string | null = null;
    do {
      const position: { cursor?: string } = cursor === null ? {} : { cursor };
      const page = expectData(
        await this.api.GET("/api/v1/tasks", {
          params: {
            query: { status: ["pending", "in_progress"], sort: "due_date", limit, ...position },
            header: { Prefer: "count=none" },
          },
        }),
      );
      yield* page.tasks;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }

  /** The same task, however often this is called with the same key. */
  async createOnce(key: string, task: components["schemas"]["NewTask"]): Promise<Task> {
    return expectData(
      await this.api.POST("/api/v1/tasks", {
        params: { header: { "Idempotency-Key": key } },
        body: task,
      }),
    );
  }

  /** Renames the task, unless somebody has changed it since it was read. */
  async rename(task: Task, title: string): Promise<Task | "changed meanwhile" | "deleted"> {
    const { data, error } = await this.api.PATCH("/api/v1/tasks/{task_id}", {
      params: {
        path: { task_id: task.id },
        header: { "If-Match": `"${task.version}"` },
      },
      body: { title },
    });
    if (data !== undefined) return data;
    switch (error.type) {
      case "/problems/precondition-failed":
        return "changed meanwhile";
      case "/problems/not-found":
        return "deleted";
      case "/problems/invalid":
        // Only this problem always has them.
        throw new Error(error.errors.map(({ pointer, detail }) => `${pointer} ${detail}`).join());
      default:
        throw new Refused(error);
    }
  }

  /** Completes all of them, or none. */
  async complete(tasks: readonly Task[]): Promise<Task[]> {
    const operations = tasks.map(({ id, version }) => ({
      op: "update" as const,
      id,
      version,
      changes: { completed: true },
    }));
    const { results } = expectData(
      await this.api.POST("/api/v1/tasks/batch", { body: { operations } }),
    );
    return results.flatMap((result) => (result.op === "delete" ? [] : [result.task]));
  }
}
