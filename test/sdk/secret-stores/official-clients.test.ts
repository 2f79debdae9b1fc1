/** The official clients of the stores are optional packages: nobody loads one before it is needed, and whoever lacks one is told. */
import { execFile } from "node:child_process";
import process from "node:process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

/** Opens each store where no client can be found, and uses it. Prints what was looked for before and after, and what was said. */
const program = `
import { registerHooks } from "node:module";
const packages = /^(?:@aws-sdk|@azure|@google-cloud|@octokit|google-auth-library|libsodium-wrappers|yaml)/;
const wanted = [];
registerHooks({
  resolve(specifier, context, next) {
    if (!packages.test(specifier)) return next(specifier, context);
    wanted.push(specifier);
    throw Object.assign(new Error("missing"), { code: "ERR_MODULE_NOT_FOUND" });
  },
});
const { openDestination } = await import("@orgtokens/sdk/secret-stores");
const access = {
  aws: { accessKeyId: "x", secretAccessKey: "x" },
  githubActions: { token: "x" },
  googleSecretManager: { accessToken: "x" },
  kubernetes: { kubeconfig: "/kubeconfig" },
};
const destinations = [
  "aws-secrets-manager://eu-central-1/x",
  "aws-ssm://eu-central-1/x",
  "azure-key-vault://some-vault/x",
  "github-actions://my-org/my-repo/X",
  "google-secret-manager://my-project/x",
  "kubernetes://default/x#token",
];
const stores = destinations.map((destination) => openDestination(destination, access));
const before = [...wanted];
const errors = await Promise.all(stores.map((store) => store.describe().catch(({ code, message }) => [code, message].join(": "))));
console.log(JSON.stringify({ before, errors }));
`;

test("a store is opened without its client, which is asked for by name when it is needed", async () => {
  const args = ["--input-type=module", "--eval", program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname, timeout: 30_000 });
  const { before, errors } = JSON.parse(stdout);
  expect(before).toEqual([]);
  expect(errors).toEqual([
    expect.stringMatching(/^secret_store_failed: .*npm install @aws-sdk\/client-secrets-manager$/),
    expect.stringMatching(/^secret_store_failed: .*npm install @aws-sdk\/client-ssm$/),
    expect.stringMatching(/^secret_store_failed: .*npm install @azure\/keyvault-secrets @azure\/identity$/),
    expect.stringMatching(
      /^secret_store_failed: .*npm install @octokit\/auth-app @octokit\/request libsodium-wrappers$/,
    ),
    expect.stringMatching(/^secret_store_failed: .*npm install @google-cloud\/secret-manager google-auth-library$/),
    expect.stringMatching(/^secret_store_failed: .*npm install yaml$/),
  ]);
});
