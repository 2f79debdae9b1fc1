/** `orgtokens_api_token` with a Kubernetes Secret as its store: a real API server with RBAC, real Terraform. */
import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { parse } from "yaml";
import { type Kubernetes, type RoleRule, startKubernetes } from "../../support/kubernetes.ts";
import { type ServerProcess, startServer } from "../../support/server-process.ts";
import { makeFolder } from "../../support/temporary-folder.ts";
import { address, type Bench, createBench, declare, unwrap } from "./bench.ts";

// Terraform takes seconds.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

const examples = fileURLToPath(new URL("../../../examples/terraform/stores/kubernetes", import.meta.url));

let server: ServerProcess;
let kubernetes: Kubernetes;
let serverFolder: string;

beforeAll(async () => {
  const programs = inject("kubernetes");
  if (programs === undefined) return;
  serverFolder = await makeFolder();
  [server, kubernetes] = await Promise.all([startServer(serverFolder), startKubernetes(programs)]);
});

afterAll(async () => {
  await Promise.all([server?.close(), kubernetes?.close()]);
  if (serverFolder !== undefined) await rm(serverFolder, { recursive: true, force: true });
});

/** The environment that names the cluster and a user of it. */
function environmentOf(token = kubernetes.adminToken): NodeJS.ProcessEnv {
  return { KUBE_HOST: kubernetes.host, KUBE_TOKEN: token, KUBE_CLUSTER_CA_CERT_DATA: kubernetes.caCertificate };
}

type KubernetesBench = Bench & { readonly path: string; readonly name: string; readonly store: string };

async function createKubernetesBench(environment = environmentOf()): Promise<KubernetesBench> {
  const bench = await createBench(server, environment);
  const name = (bench.folder.split("/").at(-1) ?? "").toLowerCase();
  const store = `{ kubernetes = { namespace = "ci", name = "${name}" } }`;
  return { ...bench, name, path: `api/v1/namespaces/ci/secrets/${name}`, store };
}

/** The secret at the key `token`; empty when there is none. */
async function storedAt(path: string): Promise<string> {
  const { data } = Object(await kubernetes.request("GET", path));
  return Buffer.from(data?.token ?? "", "base64").toString("utf8");
}

const mergePatch = "application/merge-patch+json";

test.each([
  ["was deleted with its Secret", (path: string) => kubernetes.request("DELETE", path)],
  ["was removed", (path: string) => kubernetes.request("PATCH", path, { data: { token: null } }, mergePatch)],
  ["was overwritten", (path: string) => kubernetes.request("PATCH", path, { data: { token: "b3RoZXI=" } }, mergePatch)],
])("a stored secret that %s is found from metadata, and the next apply puts a working one there", async (_, damage) => {
  const it = await createKubernetesBench();
  await it.workspace.write(declare(it, "", { store: it.store }));
  await it.workspace.apply();
  expect(await it.workspace.isSettled()).toBe(true);
  const old = await storedAt(it.path);
  expect(await server.answer(old)).toBe("accepted");
  await damage(it.path);
  expect(await it.workspace.isSettled()).toBe(false);
  await it.workspace.apply();
  expect(await storedAt(it.path)).not.toBe(old);
  expect(await server.answer(await storedAt(it.path))).toBe("accepted");
  expect(await server.answer(old)).toBe("accepted");
  expect(await it.workspace.isSettled()).toBe(true);
});

test("a secret moves from a file into a Secret beside other keys, rotates there, moves back and is destroyed", async () => {
  const it = await createKubernetesBench();
  await kubernetes.request("POST", "api/v1/namespaces/ci/secrets", {
    metadata: { name: it.name },
    data: { other: "b3RoZXI=" },
  });
  await it.workspace.write(declare(it));
  await it.workspace.apply();
  const id = (await it.workspace.attributes(address))?.["id"];
  await it.workspace.write(declare(it, 'rotate_when_changed = { by = "nobody" }', { store: it.store }));
  await it.workspace.apply();
  const moved = await storedAt(it.path);
  expect(await server.answer(moved)).toBe("accepted");
  expect(existsSync(join(it.folder, "secret"))).toBe(false);
  expect(await it.workspace.attributes(address)).toMatchObject({
    id,
    destination: `kubernetes://ci/${it.name}#token`,
    store_version: "1",
  });
  await it.workspace.write(declare(it, 'rotate_when_changed = { by = "hand" }', { store: it.store }));
  await it.workspace.apply();
  expect(await storedAt(it.path)).not.toBe(moved);
  expect(await it.workspace.attributes(address)).toMatchObject({ id, store_version: "2" });
  for (const [path, content] of await it.workspace.files()) {
    expect(content.toString("latin1"), path).not.toMatch(/tok_[0-9A-Za-z]{36}/);
  }
  await it.workspace.write(declare(it));
  await it.workspace.apply();
  expect(await server.answer(await it.secret())).toBe("accepted");
  expect(await kubernetes.request("GET", it.path)).toMatchObject({ data: { other: "b3RoZXI=" } });
  expect(await storedAt(it.path)).toBe("");
  await it.workspace.destroy();
  expect(await it.liveTokens()).toEqual([]);
});

test("the example is applied and destroyed through a kubeconfig with nothing but the Role of the documentation", async () => {
  const role: { readonly rules: readonly RoleRule[] } = parse(await readFile(join(examples, "role.yaml"), "utf8"));
  const token = await kubernetes.tokenWith(...role.rules);
  const bench = await createBench(server);
  const kubeconfig = join(bench.folder, "kubeconfig");
  await writeFile(kubeconfig, kubeconfigOf(token));
  const { workspace } = await createBench(server, { KUBECONFIG: kubeconfig });
  await workspace.copy(join(examples, "main.tf"));
  await workspace.apply();
  const path = "api/v1/namespaces/ci/secrets/orgtokens";
  expect(await server.answer(await storedAt(path))).toBe("accepted");
  expect(await workspace.isSettled()).toBe(true);
  for (const [file, content] of await workspace.files()) {
    expect(content.toString("latin1"), file).not.toMatch(/tok_[0-9A-Za-z]{36}/);
  }
  await workspace.destroy();
  await expect(kubernetes.request("GET", path)).rejects.toThrow("404");
});

function kubeconfigOf(token: string): string {
  const ca = Buffer.from(kubernetes.caCertificate).toString("base64");
  return `
apiVersion: v1
kind: Config
current-context: test
contexts:
  - name: test
    context: { cluster: test, user: test }
clusters:
  - name: test
    cluster:
      server: ${kubernetes.host}
      certificate-authority-data: ${ca}
users:
  - name: test
    user:
      token: ${token}
`;
}

test("a plan with get finds drift; one without any right warns that it could not look, and is empty", async () => {
  const it = await createKubernetesBench();
  await it.workspace.write(declare(it, "", { store: it.store }));
  await it.workspace.apply();
  const rule = { apiGroups: [""], resources: ["secrets"], resourceNames: [it.name] };
  const reader = await kubernetes.tokenWith({ ...rule, verbs: ["get"] });
  const planAs = (token: string) =>
    it.workspace.runWith({ environment: environmentOf(token) }, "plan", "-input=false", "-detailed-exitcode");
  const settled = await planAs(reader);
  expect(settled.exitCode, settled.output).toBe(0);
  expect(settled.output).not.toContain("could not be checked");
  const blind = await planAs(await kubernetes.tokenWith());
  expect(blind.exitCode, blind.output).toBe(0);
  expect(unwrap(blind.output)).toMatch(/Warning: The secret store could not be checked/);
  await kubernetes.request("DELETE", it.path);
  const drifted = await planAs(reader);
  expect(drifted.exitCode, drifted.output).toBe(2);
});

test.each([
  [
    "a user without rights",
    async () => environmentOf(await kubernetes.tokenWith()),
    /verbs: \["(create|get)", "patch"\]|\(403\)/,
  ],
  [
    "an address where nothing answers",
    async () => ({ ...environmentOf(), KUBE_HOST: "https://127.0.0.1:9" }),
    /cannot be reached/,
  ],
])("%s is refused before anything is created, at secret_store", async (_, environment, reason) => {
  const it = await createKubernetesBench(await environment());
  await it.workspace.write(declare(it, "", { store: it.store }));
  const result = await it.workspace.run("apply", "-auto-approve", "-input=false");
  expect(result.exitCode).toBe(1);
  expect(unwrap(result.output)).toMatch(reason);
  expect(result.output).not.toContain(kubernetes.adminToken);
  const { total } = await server.admin.listApiTokens({ managedBy: it.folder, status: "all" });
  expect(total).toBe(0);
});

test("names that Kubernetes does not have are refused offline", async () => {
  const it = await createKubernetesBench({});
  for (const place of [
    'namespace = "CI", name = "x"',
    'namespace = "ci", name = "a_b"',
    'namespace = "ci", name = "x", key = ".k"',
  ]) {
    await it.workspace.write(declare(it, "", { store: `{ kubernetes = { ${place} } }` }));
    const { exitCode, output } = await it.workspace.run("validate");
    expect(exitCode).toBe(1);
    expect(output).toContain("must be");
  }
});
