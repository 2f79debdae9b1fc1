import { join } from "node:path";
import { type Client, createClient } from "@orgtokens/sdk";
import { runServerCommand } from "./server-command.ts";
import type { ServerProcess } from "./server-process.ts";

/** An organization of its own on a running server, for a test that changes what all tokens of one obey. */
export type TestOrganization = {
  readonly id: string;
  readonly adminToken: string;
  /** A client with the Admin token. */
  readonly admin: Client;
  readonly adminEmail: string;
};

/** Creates an organization on the server that `startServer` started in `serverFolder`. */
export async function createTestOrganization(server: ServerProcess, serverFolder: string): Promise<TestOrganization> {
  const adminEmail = "eve@other.example";
  const database = join(serverFolder, "orgtokens.sqlite");
  const names = ["--organization", "Other Ltd", "--admin-email", adminEmail];
  const words = ["organization", "create", "--database", database, ...names, "--json"];
  const { exitCode, stdout, output } = await runServerCommand(serverFolder, words);
  const adminToken = /"token":"(tok_\w+)"/.exec(stdout)?.[1];
  if (exitCode !== 0 || adminToken === undefined) throw new Error(`organization create failed:\n${output}`);
  const admin = createClient({ endpoint: server.endpoint, apiToken: adminToken });
  const { id } = await admin.getOrganization();
  return { id, adminToken, admin, adminEmail };
}
