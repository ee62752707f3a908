// What the types refuse: each line below one of these comments has to be wrong.

import createClient from "openapi-fetch";
import type { components, paths } from "./todo.js";

type NewTask = components["schemas"]["NewTask"];

const api = createClient<paths>({ baseUrl: "http://127.0.0.1:9000" });
const path = { task_id: "019365c0-7b5a-7cc1-8d3e-2f6a4b1c9e70" };

export async function wrong(): Promise<void> {
  // @ts-expect-error There is no such path.
  await api.GET("/api/v1/todos");
  // @ts-expect-error This path has no such method.
  await api.POST("/api/v1/tasks/{task_id}", { params: { path } });
  // @ts-expect-error The id is missing.
  await api.GET("/api/v1/tasks/{task_id}");
  // @ts-expect-error The title is missing.
  await api.POST("/api/v1/tasks", { body: { description: "" } });
  // @ts-expect-error A task has no such member.
  const task: NewTask = { title: "Buy milk", colour: "red" };
  await api.POST("/api/v1/tasks", { body: task });
  // @ts-expect-error There is no such status.
  await api.PATCH("/api/v1/tasks/{task_id}", { params: { path }, body: { status: "done" } });
  // @ts-expect-error A title cannot be cleared.
  await api.PUT("/api/v1/tasks/{task_id}", { params: { path }, body: { title: null } });
  // @ts-expect-error There is no such order.
  await api.GET("/api/v1/tasks", { params: { query: { sort: "id" } } });
  // @ts-expect-error Nobody deletes everything by mistake.
  await api.DELETE("/api/v1/tasks");
  // @ts-expect-error A new password needs the current one.
  await api.PATCH("/api/v1/me", { body: { password: "staple battery horse" } });
  // @ts-expect-error An update says what changes.
  await api.POST("/api/v1/tasks/batch", { body: { operations: [{ op: "update", id: "" }] } });

  const { data, error } = await api.GET("/api/v1/tasks");
  // @ts-expect-error It may be undefined: the request may have failed.
  data.tasks;
  // @ts-expect-error There may be no such task.
  data?.tasks[0].title;
  // @ts-expect-error Reading a list never has this problem.
  if (error?.type === "/problems/precondition-failed") return;
}
