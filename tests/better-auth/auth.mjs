// Better Auth on the database of the todo service: copy this file.
//
// DATABASE_URL         with the role that owns the tables: the service's DATABASE_URL_DIRECT
// BETTER_AUTH_URL      where users reach this; the service's AUTH_URL
// BETTER_AUTH_SECRET   32 random bytes or more, and not the service's AUTH_SECRET

import { hash, verify } from "@node-rs/argon2";
import { betterAuth } from "better-auth";
import { verifyPassword } from "better-auth/crypto";
import { bearer, jwt } from "better-auth/plugins";
import pg from "pg";

const database = new pg.Pool({ connectionString: process.env.DATABASE_URL });
// Without a listener, the end of an idle connection ends the program.
database.on("error", (error) => console.error(`An idle connection broke: ${error.message}.`));

// As the service hashes: argon2id, 19 MiB, 2 passes, 1 lane. It verifies
// argon2 alone, so with these hashes a user can sign in on either side.
const argon2id = { algorithm: 2, memoryCost: 19456, timeCost: 2, parallelism: 1 };

export const auth = betterAuth({
  baseURL: process.env.BETTER_AUTH_URL,
  secret: process.env.BETTER_AUTH_SECRET,
  database,
  emailAndPassword: {
    enabled: true,
    password: {
      hash: (password) => hash(password.normalize("NFKC"), argon2id),
      // Better Auth's own hashes, from before, are scrypt and stay good here.
      verify: ({ hash, password }) =>
        hash.startsWith("$argon2")
          ? verify(hash, password.normalize("NFKC"))
          : verifyPassword({ hash, password }),
    },
  },
  user: { deleteUser: { enabled: true } },
  plugins: [
    // The tokens that the service takes.
    jwt(),
    // For clients without cookies.
    bearer(),
  ],
});
