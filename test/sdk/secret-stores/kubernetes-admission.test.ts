/** What a cluster's own rules do not let in: admission policies and webhooks, in front of a real API server. */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:https";
import { join } from "node:path";
import { inspect } from "node:util";
import { openKubernetesSecretStore, SecretStoreError } from "@orgtokens/sdk/secret-stores";
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from "vitest";
import { buildName, buildSecret, put, refusal } from "../../conformance/secret-stores.ts";
import { runCommand } from "../../support/commands.ts";
import { findDebianProgram } from "../../support/debian-program.ts";
import { type Kubernetes, startKubernetes } from "../../support/kubernetes.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

let kubernetes: Kubernetes;

beforeAll(async () => {
  const programs = inject("kubernetes");
  if (programs !== undefined) kubernetes = await startKubernetes(programs);
}, 120_000);

afterAll(() => kubernetes?.close());

function open(name: string) {
  const { host, adminToken: token, caCertificate } = kubernetes;
  return openKubernetesSecretStore({ host, token, caCertificate, namespace: "ci", name, key: "token" });
}

const admission = "apis/admissionregistration.k8s.io/v1";
const rule = { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"], resources: ["secrets"] };

/** A policy of the API server itself, whose message quotes the value. */
async function forbidByPolicy(name: string): Promise<void> {
  const expression = `object.metadata.name != "${name}"`;
  const messageExpression = "'no: ' + string(object.data['token'])";
  await kubernetes.request("POST", `${admission}/validatingadmissionpolicies`, {
    metadata: { name },
    spec: { matchConstraints: { resourceRules: [rule] }, validations: [{ expression, messageExpression }] },
  });
  await kubernetes.request("POST", `${admission}/validatingadmissionpolicybindings`, {
    metadata: { name },
    spec: { policyName: name, validationActions: ["Deny"] },
  });
}

/** A certificate for this machine that is trusted by itself. */
async function createCertificate() {
  const folder = await temporaryFolder();
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const openssl = (await findDebianProgram("openssl")) ?? "openssl";
  const words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", cert];
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const { exitCode, output } = await runCommand(openssl, [...words, ...names], { cwd: folder, environment: {} });
  expect(exitCode, output).toBe(0);
  return { cert: await readFile(cert), key: await readFile(key) };
}

/** A webhook that refuses everything, and quotes the value. `answers` says whether it answers at all. */
async function forbidByWebhook(name: string, answers: boolean): Promise<void> {
  const { cert, key } = await createCertificate();
  const server = createServer({ cert, key }, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const review = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    if (!answers) return void response.writeHead(500).end();
    const { uid, object } = review.request;
    const status = { code: 403, message: `no: ${object.data.token}` };
    const { apiVersion, kind } = review;
    response.end(JSON.stringify({ apiVersion, kind, response: { uid, allowed: false, status } }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const path = `${admission}/validatingwebhookconfigurations`;
  onTestFinished(async () => {
    await kubernetes.request("DELETE", `${path}/${name}`);
    server.closeAllConnections();
    server.close();
  });
  const at = server.address();
  const url = `https://localhost:${typeof at === "object" && at !== null ? at.port : 0}/`;
  const caBundle = cert.toString("base64");
  const matchConditions = [{ name: "here", expression: `object.metadata.name == "${name}"` }];
  const clientConfig = { url, caBundle };
  const rest = { sideEffects: "None", admissionReviewVersions: ["v1"], timeoutSeconds: 5 };
  await kubernetes.request("POST", path, {
    metadata: { name },
    webhooks: [{ name: "no.example.com", rules: [rule], clientConfig, matchConditions, ...rest }],
  });
}

describe("a write that the cluster does not let in", () => {
  test.each([
    ["by an admission policy", forbidByPolicy, "secret_store_invalid_argument", "admission policy"],
    ["by a webhook", (name: string) => forbidByWebhook(name, true), "secret_store_refused", "admission rule"],
    ["because a webhook fails", (name: string) => forbidByWebhook(name, false), "secret_store_unreachable", "(500)"],
  ])(
    "%s is refused before anything is created, and nothing of the answer is shown",
    async (_, forbid, code, said) => {
      const name = buildName();
      await forbid(name);
      const secret = buildSecret();
      const attempt = () => {
        const written = put(open(name), secret).then(() => open(name).delete(secret.apiTokenId));
        return written.catch((error: unknown) => error);
      };
      // It counts a moment after it was made.
      await expect.poll(attempt, { timeout: 30_000, interval: 200 }).toBeInstanceOf(SecretStoreError);
      const encoded = Buffer.from(secret.text).toString("base64");
      for (const act of [() => open(name).checkWritable(), () => put(open(name), secret)]) {
        const error = await refusal(act);
        expect(error.code, error.message).toBe(code);
        expect(error.message).toContain(said);
        const shown = inspect(error, { depth: 9, showHidden: true });
        for (const text of [secret.text, encoded]) expect(shown).not.toContain(text);
      }
      expect(await open(name).describe()).toBeUndefined();
    },
    60_000,
  );
});
