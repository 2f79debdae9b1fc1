// A script that creates, rotates or revokes a token by the SDK, and is killed after a step. Arguments: one JSON object.
import process from "node:process";
import { createClient } from "@orgtokens/sdk";
import { type DeliveryStep, deliverApiToken, revokeAndDelete, rotateApiToken } from "@orgtokens/sdk/delivery";
import { openFileSecretStore } from "@orgtokens/sdk/secret-stores";

/** What the script does, and after which step it kills itself. */
export type Delivering = {
  readonly run: "create" | "rotate" | "revoke";
  readonly endpoint: string;
  readonly apiToken: string;
  readonly path: string;
  readonly label: string;
  /** For a rotation or a revocation. */
  readonly id?: string;
  readonly dieAfter?: DeliveryStep["kind"] | "revoked";
};

const { run, id: apiTokenId = "", dieAfter, ...given } = JSON.parse(process.argv[2] ?? "") as Delivering;
const client = createClient(given);
const store = openFileSecretStore(given);

function dieIf(step: Delivering["dieAfter"]): void {
  if (step === dieAfter) process.kill(process.pid, "SIGKILL");
}

const observe = ({ kind }: DeliveryStep): void => dieIf(kind);

switch (run) {
  case "create": {
    const request = { label: given.label, role: "developer", managedBy: "scripts/nightly" } as const;
    const { outcome } = await deliverApiToken({ client, store, request, observe });
    process.stdout.write(outcome);
    break;
  }
  case "rotate":
    await rotateApiToken({ client, store, apiTokenId, observe });
    break;
  case "revoke": {
    const revokeApiToken: typeof client.revokeApiToken = async (...call) => {
      await client.revokeApiToken(...call);
      dieIf("revoked");
    };
    const { entry } = await revokeAndDelete({ client: { ...client, revokeApiToken }, store, apiTokenId });
    process.stdout.write(entry);
  }
}
