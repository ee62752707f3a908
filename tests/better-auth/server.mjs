// Better Auth on 127.0.0.1, until standard input ends.

import { once } from "node:events";
import { createServer } from "node:http";

import { toNodeHandler } from "better-auth/node";

const server = createServer().listen(Number(process.env.PORT ?? 0), "127.0.0.1");
await once(server, "listening");
const { port } = server.address();

// The configuration reads it when it is loaded.
process.env.BETTER_AUTH_URL ??= `http://127.0.0.1:${port}`;
const { auth } = await import("./variant.mjs");
await auth.$context;
server.on("request", toNodeHandler(auth));
console.log(`listening ${port}`);

// The process that started this holds the other end, and lets go of it in any death.
process.stdin.on("close", () => process.exit()).resume();
