/** What every test of the resource starts from: a real server, a working directory, a declaration. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ApiToken } from "@orgtokens/sdk";
import type { ServerProcess } from "../../support/server-process.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { createWorkspace, type Workspace } from "../../support/terraform.ts";

export { readableOutput as unwrap } from "../../../provider/testing/readable-output.ts";

/** Where the declared token is in the state. */
export const address = "orgtokens_api_token.it";

/** A working directory whose provider is pointed at a server. */
export type Bench = {
  readonly workspace: Workspace;
  /** The folder around the working directory. Its path is the provider's `managed_by`. */
  readonly folder: string;
  /** What a file of the folder holds. */
  readonly secret: (name?: string) => Promise<string>;
  /** The live tokens of this bench. */
  readonly liveTokens: () => Promise<readonly ApiToken[]>;
};

export async function createBench(server: ServerProcess, environment: NodeJS.ProcessEnv = {}): Promise<Bench> {
  const folder = await temporaryFolder();
  const workspace = await createWorkspace({
    folder,
    environment: { ORGTOKENS_ENDPOINT: server.endpoint, ORGTOKENS_API_TOKEN: server.adminToken, ...environment },
  });
  return {
    workspace,
    folder,
    secret: (name = "secret") => readFile(join(folder, name), "utf8"),
    liveTokens: async () => (await server.admin.listApiTokens({ managedBy: folder })).tokens,
  };
}

/** A declaration of one token; `more` is added to its block. */
export function declare(
  { folder }: Bench,
  more = "",
  options: { readonly label?: string; readonly store?: string } = {},
): string {
  const { label = `token of ${folder}`, store = `{ file = { path = "${folder}/secret" } }` } = options;
  return `
    provider "orgtokens" { managed_by = "${folder}" }
    resource "orgtokens_api_token" "it" {
      label        = "${label}"
      secret_store = ${store}
      ${/\brole\b/.test(more) ? "" : 'role = "developer"'}
      ${more}
    }`;
}
