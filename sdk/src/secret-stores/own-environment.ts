/** The environment of programs that stores run: ours, without what lets one be us at the server. */
import process from "node:process";
import type { Environment } from "./secret-store-kind.ts";

/** What no program is told: the credentials of orgtokens itself, and a proxy's, which its address may hold. */
const ownCredentials: readonly string[] = [
  "ORGTOKENS_API_TOKEN",
  "ORGTOKENS_API_TOKEN_FILE",
  "ORGTOKENS_CLIENT_KEY_FILE",
  "ORGTOKENS_CLIENT_KEY_PEM",
  "ORGTOKENS_PROXY_URL",
];

/** An environment without them. */
export function withoutOwnCredentials(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !ownCredentials.includes(name)));
}

/** The environment of this process without them, for programs that find their own settings there and of which Node says no other way. */
export function environmentOfPrograms(): Environment {
  return withoutOwnCredentials(process.env);
}
