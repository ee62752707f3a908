// auth.mjs as it is, or with what the environment says otherwise.

import { betterAuth } from "better-auth";
import { admin, jwt } from "better-auth/plugins";

import { auth as documented } from "./auth.mjs";

const { ADMIN, JWKS_ROTATION_SECONDS, JWT_ALG, STOCK_HASH } = process.env;

export const auth =
  ADMIN || JWKS_ROTATION_SECONDS || JWT_ALG || STOCK_HASH ? variant() : documented;

function variant() {
  const options = { ...documented.options, plugins: [...documented.options.plugins] };
  if (JWT_ALG || JWKS_ROTATION_SECONDS) {
    const jwks = {};
    if (JWT_ALG) jwks.keyPairConfig = { alg: JWT_ALG };
    if (JWKS_ROTATION_SECONDS) jwks.rotationInterval = Number(JWKS_ROTATION_SECONDS);
    options.plugins = options.plugins.map((it) => (it.id === "jwt" ? jwt({ jwks }) : it));
  }
  if (ADMIN) options.plugins.push(admin());
  if (STOCK_HASH) options.emailAndPassword = { enabled: true };
  return betterAuth(options);
}
