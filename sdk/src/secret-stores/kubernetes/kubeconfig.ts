import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { SecretStoreError, type SecretStoreErrorCode } from "../secret-store-error.ts";
import type { ExecCredential, ExecCredentialRequest } from "./exec-credential.ts";
import type { KubernetesCluster } from "./kubernetes-access.ts";
import { member } from "./kubernetes-entry.ts";

/** Which context of which files. Of two files that name the same thing, the first counts; of several some may be missing. */
export type KubeconfigChoice = {
  readonly paths: readonly string[];
  readonly context: string | undefined;
  /** A token or certificate that the cluster does not accept any more. */
  readonly rejected: string | undefined;
  readonly destination: string;
  readonly signal: AbortSignal;
};

/**
 * The cluster and the user of a context, as `kubectl` understands kubeconfig files: certificates and tokens inside or in files of
 * their own, and credential plugins (`exec`), with which clusters of the clouds are reached.
 *
 * @throws SecretStoreError `secret_store_invalid_argument`; no text of the files is quoted but the names of contexts.
 * @see https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
 */
export async function readKubeconfig(choice: KubeconfigChoice): Promise<KubernetesCluster> {
  const { paths, destination, rejected, signal } = choice;
  const refuse = refusal(destination);
  const present = paths.length === 1 ? paths : paths.filter((path) => existsSync(path));
  if (present.length === 0) return refuse(`None of the kubeconfig files is there: ${paths.join(", ")}.`);
  const files = await Promise.all(present.map((path) => readYaml(path, refuse)));
  const name = choice.context ?? files.map(({ content }) => member(content, "current-context")).find(Boolean);
  if (typeof name !== "string") return refuse("The kubeconfig has no current context. Name one.");
  const context = find(files, "contexts", "context", name) ?? refuse(`The kubeconfig has no context "${name}".`);
  const cluster = find(files, "clusters", "cluster", member(context.content, "cluster"));
  if (cluster === undefined) return refuse(`The context "${name}" names a cluster that the kubeconfig does not have.`);
  const user = find(files, "users", "user", member(context.content, "user")) ?? { content: {}, folder: "" };
  requireKnown(cluster, user, refuse);
  const host = text(cluster, "server") ?? refuse(`The cluster of the context "${name}" has no server.`);
  const tls = {
    ca: await readValue(cluster, "certificate-authority", refuse),
    servername: text(cluster, "tls-server-name"),
    rejectUnauthorized: member(cluster.content, "insecure-skip-tls-verify") !== true,
  };
  const credentials = await readUser(user, { host, tls, config: execConfigOf(cluster), rejected, refuse, signal });
  const { token, cert, key } = credentials;
  return { host, token, tls: { ...tls, cert, key } };
}

type Refuse = (message: string, code?: SecretStoreErrorCode) => never;
type Part = { readonly content: unknown; readonly folder: string };

function refusal(destination: string): Refuse {
  return (message, code = "secret_store_invalid_argument") => {
    throw new SecretStoreError(code, destination, message);
  };
}

const missing = "A package is missing, which reads a kubeconfig: npm install yaml";

async function readYaml(path: string, refuse: Refuse): Promise<Part> {
  const { parse } = await import("yaml").catch(() => refuse(missing, "secret_store_failed"));
  const source = await readFile(path, "utf8").catch(() => refuse(`The kubeconfig ${path} cannot be read.`));
  try {
    const content: unknown = parse(source);
    return { content, folder: dirname(resolve(path)) };
  } catch {
    return refuse(`The kubeconfig ${path} is not YAML.`); // without the cause: it quotes the file
  }
}

/** The part of the first file that has one with this name. Relative paths in it start at that file's folder. */
function find(files: readonly Part[], list: string, part: string, name: unknown): Part | undefined {
  for (const { content, folder } of files) {
    const entries = member(content, list);
    const entry = Array.isArray(entries) ? entries.find((one: unknown) => member(one, "name") === name) : undefined;
    if (entry !== undefined) return { content: member(entry, part), folder };
  }
  return undefined;
}

/** What would be ignored must not be: it says through whom, or as whom, the cluster is spoken to. */
function requireKnown(cluster: Part, user: Part, refuse: Refuse): void {
  if (text(cluster, "proxy-url") !== undefined)
    refuse("The kubeconfig names a proxy-url, which orgtokens does not use.");
  for (const name of ["as", "auth-provider", "username"]) {
    if (member(user.content, name) === undefined) continue;
    refuse(`The kubeconfig's user has "${name}", which orgtokens does not use. Use a token, certificate or exec.`);
  }
}

/** What the cluster says to credential plugins, under the name that client-go gives it. */
function execConfigOf({ content }: Part): unknown {
  const extensions = member(content, "extensions");
  const name = "client.authentication.k8s.io/exec";
  const named = Array.isArray(extensions) ? extensions.find((one: unknown) => member(one, "name") === name) : undefined;
  return member(named, "extension");
}

async function readUser(
  user: Part,
  request: Omit<ExecCredentialRequest, "plugin" | "folder">,
): Promise<ExecCredential> {
  const { refuse } = request;
  const cert = await readValue(user, "client-certificate", refuse);
  const key = await readValue(user, "client-key", refuse);
  const path = text(user, "tokenFile");
  const token = path === undefined ? text(user, "token") : (await readNear(user, path, refuse)).trim();
  const plugin = member(user.content, "exec");
  if (plugin === undefined || plugin === null) return { token, cert, key };
  const { readExecCredential } = await import("./exec-credential.ts");
  return readExecCredential({ ...request, plugin, folder: user.folder });
}

/** `NAME-data` in base64, or what the file holds that `NAME` names. */
async function readValue(part: Part, name: string, refuse: Refuse): Promise<string | undefined> {
  const data = text(part, `${name}-data`);
  if (data !== undefined) return Buffer.from(data, "base64").toString("utf8");
  const path = text(part, name);
  return path === undefined ? undefined : readNear(part, path, refuse);
}

async function readNear({ folder }: Part, path: string, refuse: Refuse): Promise<string> {
  const full = resolve(folder, path);
  return readFile(full, "utf8").catch(() => refuse(`The file ${full}, which the kubeconfig names, cannot be read.`));
}

function text({ content }: Part, name: string): string | undefined {
  const value = member(content, name);
  return typeof value === "string" && value !== "" ? value : undefined;
}
