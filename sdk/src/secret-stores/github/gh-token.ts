import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { environmentOfPrograms } from "../own-environment.ts";

/** The token of whoever is logged in with GitHub's command line; undefined when there is none, or no `gh`. */
export async function readGhToken(apiUrl: string, signal: AbortSignal): Promise<string | undefined> {
  const words = ["auth", "token", "--hostname", hostOf(apiUrl)];
  const run = { signal, maxBuffer: 65_536, windowsHide: true, env: environmentOfPrograms() };
  const printed = await promisify(execFile)("gh", words, run).then(
    ({ stdout }) => stdout.trim(),
    () => "", // what it prints can be a token
  );
  signal.throwIfAborted();
  return /^[!-~]{1,4096}$/.test(printed) ? printed : undefined;
}

/** The name under which `gh` knows the server of an API: GitHub's own and those of its tenants have the API at `api.`. */
function hostOf(apiUrl: string): string {
  const { hostname } = new URL(apiUrl);
  return /^api\.(github\.com|[\w-]+\.ghe\.com)$/.test(hostname) ? hostname.slice("api.".length) : hostname;
}
