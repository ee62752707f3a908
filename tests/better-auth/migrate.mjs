// Makes Better Auth's tables and says what it made, a line of JSON each.

import { getMigrations } from "better-auth/db/migration";

import { auth } from "./variant.mjs";

const { toBeCreated, toBeAdded, toBeAddedIndexes, runMigrations } = await getMigrations(
  auth.options,
);
await runMigrations();

for (const { table, fields } of toBeCreated) say({ created: table, columns: Object.keys(fields) });
for (const { table, fields } of toBeAdded) say({ extended: table, columns: Object.keys(fields) });
for (const { table, name } of toBeAddedIndexes) say({ indexed: table, index: name });
await auth.options.database.end();

function say(line) {
  console.log(JSON.stringify(line));
}
