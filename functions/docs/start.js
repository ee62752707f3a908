"use strict";

/** This tag repeats the operations of tasks, so it starts folded. */
const FOLDED = "Tasks by user id";

// The validator of Swagger UI is a server of other people.
const ui = SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  displayRequestDuration: true,
  filter: true,
  persistAuthorization: true,
  validatorUrl: null,
  onComplete: () => ui.getSystem().layoutActions.show(["operations-tag", FOLDED], false),
});
