import { execFile } from "node:child_process";
import { isAbsolute, join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { member } from "./kubernetes-entry.ts";

/** A credential plugin as a kubeconfig names it. */
export type ExecCredentialRequest = {
  readonly plugin: unknown;
  /** The folder of the kubeconfig: a command with a slash in it starts there. */
  readonly folder: string;
  readonly host: string;
  readonly ca: string | undefined;
  readonly refuse: (message: string) => never;
  readonly signal: AbortSignal;
};

/** What a plugin answers with. */
export type ExecCredential = {
  readonly token: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
};

/**
 * Runs a credential plugin, such as `aws eks get-token`, without a terminal. Its output is a credential and quoted nowhere.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 */
export async function readExecCredential(request: ExecCredentialRequest): Promise<ExecCredential> {
  const { plugin, folder, host, ca, refuse, signal } = request;
  const named = member(plugin, "command");
  const apiVersion = member(plugin, "apiVersion");
  if (typeof named !== "string" || typeof apiVersion !== "string")
    return refuse("The kubeconfig's exec has no command or apiVersion.");
  const command = named.includes("/") && !isAbsolute(named) ? join(folder, named) : named;
  const cluster =
    member(plugin, "provideClusterInfo") === true
      ? { cluster: { server: host, "certificate-authority-data": Buffer.from(ca ?? "").toString("base64") } }
      : {};
  const info = { apiVersion, kind: "ExecCredential", spec: { interactive: false, ...cluster } };
  const env = { ...process.env, ...environmentOf(plugin), KUBERNETES_EXEC_INFO: JSON.stringify(info) };
  const words = textsOf(member(plugin, "args"));
  const output = await promisify(execFile)(command, words, { env, signal, maxBuffer: 1024 * 1024 }).then(
    ({ stdout }) => stdout,
    (error: unknown) => {
      signal.throwIfAborted();
      const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
      return refuse(`The kubeconfig's credential plugin ${named} failed${code}. Run it by hand to see why.`);
    },
  );
  const credential = parseCredential(output);
  return credential ?? refuse(`The kubeconfig's credential plugin ${named} gave no token and no certificate.`);
}

function parseCredential(output: string): ExecCredential | undefined {
  try {
    const status = member(JSON.parse(output), "status");
    const [token, cert, key] = ["token", "clientCertificateData", "clientKeyData"].map((name) => member(status, name));
    const texts = [token, cert, key].map((value) => (typeof value === "string" && value !== "" ? value : undefined));
    if (texts[0] === undefined && texts[1] === undefined) return undefined;
    return { token: texts[0], cert: texts[1], key: texts[2] };
  } catch {
    return undefined;
  }
}

function environmentOf(plugin: unknown): Readonly<Record<string, string>> {
  const variables = member(plugin, "env");
  if (!Array.isArray(variables)) return {};
  return Object.fromEntries(
    variables.map((variable: unknown) => [String(member(variable, "name")), String(member(variable, "value"))]),
  );
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
