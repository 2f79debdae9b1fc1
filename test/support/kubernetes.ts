import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { findDebianProgram } from "./debian-program.ts";
import { buildGoProgram, type GoProgram } from "./go-program.ts";
import { makeFolder } from "./temporary-folder.ts";
import { unusedPort } from "./unused-port.ts";

/** A Go module of ours whose one tool is Kubernetes' API server. */
const apiServer: GoProgram = {
  module: fileURLToPath(new URL("kubernetes", import.meta.url)),
  source: "k8s.io/kubernetes",
  packagePath: "k8s.io/kubernetes/cmd/kube-apiserver",
  title: "Kubernetes",
  linkerFlags: (version) => `-X k8s.io/component-base/version.gitVersion=v${version}`,
};

/** The programs of a control plane. */
export type KubernetesPrograms = { readonly apiServer: string; readonly etcd: string };

/** A rule of a Role: what a user may do. */
export type RoleRule = {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
};

/** A real kube-apiserver over etcd, with RBAC. The namespace `ci` exists. */
export type Kubernetes = {
  readonly host: string;
  /** The certificate that the server's is trusted by, as PEM. */
  readonly caCertificate: string;
  /** The token of an administrator. */
  readonly adminToken: string;
  /** Calls the API as administrator; the parsed body. Throws on any failure. */
  request(method: string, path: string, body?: object, contentType?: string): Promise<unknown>;
  /** The same as whom a token belongs to. */
  requestAs(token: string, method: string, path: string, body?: object, contentType?: string): Promise<unknown>;
  /** The token of a user who may do in `ci` only what the rules say. */
  tokenWith(...rules: readonly RoleRule[]): Promise<string>;
  close(): Promise<void>;
};

/** The programs, built and installed where that is possible; undefined when they cannot be had. */
export async function findKubernetes(report: (line: string) => void): Promise<KubernetesPrograms | undefined> {
  const etcd = await findDebianProgram("etcd", "etcd-server");
  const built = await buildGoProgram(apiServer, report);
  return etcd === undefined || built === undefined ? undefined : { apiServer: built, etcd };
}

/** How many users with rules of their own there can be: who they are is told to the server when it starts. */
const userCount = 40;

/** Starts a control plane on free ports of the loopback address. */
export async function startKubernetes(programs: KubernetesPrograms): Promise<Kubernetes> {
  const folder = await makeFolder();
  const users = Array.from({ length: userCount }, (_, index) => ({
    name: `user-${index}`,
    token: randomBytes(16).toString("hex"),
  }));
  const adminToken = randomBytes(16).toString("hex");
  const children: ChildProcess[] = [];
  const close = async () => {
    await Promise.all(children.map(stop));
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  };
  try {
    const [clientPort, peerPort, port] = [await unusedPort(), await unusedPort(), await unusedPort()];
    const etcdUrl = `http://127.0.0.1:${clientPort}`;
    children.push(spawn(programs.etcd, etcdFlags(folder, etcdUrl, `http://127.0.0.1:${peerPort}`), quiet));
    const lines = [
      `${adminToken},admin,admin,system:masters`,
      ...users.map(({ name, token }) => `${token},${name},${name}`),
    ];
    await writeFile(join(folder, "tokens.csv"), `${lines.join("\n")}\n`, { mode: 0o600 });
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    await writeFile(join(folder, "sa.key"), privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
    await writeFile(join(folder, "sa.pub"), publicKey.export({ type: "spki", format: "pem" }));
    const server = spawn(programs.apiServer, apiServerFlags(folder, etcdUrl, port), {
      ...quiet,
      stdio: ["ignore", "ignore", "pipe"],
    });
    children.push(server);
    const said: string[] = [];
    server.stderr?.on("data", (chunk: Buffer) => said.splice(0, said.length - 20, ...said, chunk.toString("utf8")));
    const host = `https://127.0.0.1:${port}`;
    const caCertificate = await untilReady(join(folder, "apiserver.crt"), { host, token: adminToken }, () => {
      const ended = children.find((child) => child.exitCode !== null);
      if (ended !== undefined) throw new Error(`${ended.spawnfile} ended:\n${said.join("")}`);
    });
    const callAs: Kubernetes["requestAs"] = (token, ...words) => send({ host, token, caCertificate }, ...words);
    const call: Kubernetes["request"] = (...words) => callAs(adminToken, ...words);
    await call("POST", "api/v1/namespaces", { metadata: { name: "ci" } });
    return {
      host,
      caCertificate,
      adminToken,
      request: call,
      requestAs: callAs,
      tokenWith: (...rules) => grant(call, users, rules),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const quiet = { stdio: "ignore" } as const;

function etcdFlags(folder: string, clientUrl: string, peerUrl: string): readonly string[] {
  return [
    `--data-dir=${join(folder, "etcd")}`,
    `--listen-client-urls=${clientUrl}`,
    `--advertise-client-urls=${clientUrl}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=default=${peerUrl}`,
    "--unsafe-no-fsync",
  ];
}

function apiServerFlags(folder: string, etcdUrl: string, port: number): readonly string[] {
  return [
    `--etcd-servers=${etcdUrl}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${port}`,
    `--cert-dir=${folder}`,
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${join(folder, "sa.pub")}`,
    `--service-account-signing-key-file=${join(folder, "sa.key")}`,
    "--service-cluster-ip-range=10.0.0.0/24",
    `--token-auth-file=${join(folder, "tokens.csv")}`,
    "--authorization-mode=RBAC",
  ];
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

type Target = { readonly host: string; readonly token: string; readonly caCertificate: string };

/** The certificate of the server, once it serves and its first namespaces are there. */
async function untilReady(
  certificatePath: string,
  target: Omit<Target, "caCertificate">,
  check: () => void,
): Promise<string> {
  for (const deadline = Date.now() + 90_000; Date.now() < deadline; await sleep(100)) {
    check();
    const caCertificate = await readFile(certificatePath, "utf8").catch(() => "");
    const isReady = await send({ ...target, caCertificate }, "GET", "api/v1/namespaces/default").then(
      () => true,
      () => false,
    );
    if (isReady) return caCertificate;
  }
  throw new Error("The Kubernetes API server did not become ready.");
}

async function send(
  { host, token, caCertificate }: Target,
  method: string,
  path: string,
  body?: object,
  contentType = "application/json",
): Promise<unknown> {
  const headers = { authorization: `Bearer ${token}`, "content-type": contentType };
  const sent = request(`${host}/${path}`, { method, headers, ca: caCertificate });
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = await once(sent, "response");
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString("utf8");
  if (response.statusCode >= 300) throw new Error(`${method} ${path}: ${response.statusCode} ${text}`);
  return JSON.parse(text);
}

/** Gives rules to a user who has none yet. */
async function grant(
  call: Kubernetes["request"],
  users: { readonly name: string; readonly token: string }[],
  rules: readonly RoleRule[],
): Promise<string> {
  const user = users.shift();
  if (user === undefined) throw new Error("There are no users left.");
  const { name, token } = user;
  const path = "apis/rbac.authorization.k8s.io/v1/namespaces/ci";
  const apiGroup = "rbac.authorization.k8s.io";
  await call("POST", `${path}/roles`, { metadata: { name }, rules });
  await call("POST", `${path}/rolebindings`, {
    metadata: { name },
    subjects: [{ kind: "User", apiGroup, name }],
    roleRef: { kind: "Role", apiGroup, name },
  });
  return token;
}
