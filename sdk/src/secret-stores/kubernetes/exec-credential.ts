import { isAbsolute, join } from "node:path";
import { environmentOfPrograms } from "../own-environment.ts";
import { ProgramError, runProgram } from "../run-program.ts";
import { untilAborted } from "../until-aborted.ts";
import type { KubernetesTls } from "./kubernetes-access.ts";
import { member } from "./kubernetes-entry.ts";

/** A credential plugin as a kubeconfig names it. */
export type ExecCredentialRequest = {
  readonly plugin: unknown;
  /** The folder of the kubeconfig: a command with a slash in it starts there. */
  readonly folder: string;
  readonly host: string;
  readonly tls: KubernetesTls;
  /** What a cluster's `extensions` say to the plugin. */
  readonly config: unknown;
  /** A token or certificate that the cluster does not accept any more: the plugin is asked for another one. */
  readonly rejected: string | undefined;
  readonly refuse: (message: string) => never;
  readonly signal: AbortSignal;
};

/** What a plugin answers with. */
export type ExecCredential = {
  readonly token: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
};

type Answer = ExecCredential & { readonly expiresAt: number };

/** How long a plugin may take, in milliseconds. As long as a call of a store. */
const deadlineMs = 20_000;
/** A credential is not used any more this long before it expires, in milliseconds. */
const earlyMs = 10_000;

/**
 * What plugins have answered in this process, by all that they were asked. A plugin takes a second or more, and each of a hundred
 * stores would run it again.
 */
const answers = new Map<string, Promise<Answer>>();

/**
 * Runs a credential plugin, such as `aws eks get-token`, without a terminal: once in a process, and again when its credential has
 * expired or was rejected. Its output is a credential and quoted nowhere.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 */
export async function readExecCredential(request: ExecCredentialRequest): Promise<ExecCredential> {
  const { folder, rejected, refuse, signal } = request;
  const { words, environment } = commandOf(request);
  const asked = JSON.stringify([folder, words, environment]);
  const held = answers.get(asked);
  const known = await held?.catch(() => undefined);
  const isUsable = known !== undefined && known.expiresAt > Date.now() + earlyMs;
  const isRejected = rejected !== undefined && [known?.token, known?.cert].includes(rejected);
  if (!isUsable || isRejected) forget(asked, held);
  const running = answers.get(asked) ?? run(words, environment, refuse);
  answers.set(asked, running);
  running.catch(() => forget(asked, running));
  return untilAborted(running, signal);
}

/** Another caller may have asked again meanwhile. */
function forget(asked: string, answer: Promise<Answer> | undefined): void {
  if (answers.get(asked) === answer) answers.delete(asked);
}

function commandOf({ plugin, folder, host, tls, config, refuse }: ExecCredentialRequest) {
  const named = member(plugin, "command");
  const apiVersion = member(plugin, "apiVersion");
  if (typeof named !== "string" || typeof apiVersion !== "string")
    return refuse("The kubeconfig's exec has no command or apiVersion.");
  if (member(plugin, "interactiveMode") === "Always")
    return refuse(
      `The kubeconfig's credential plugin ${named} wants a terminal (interactiveMode), which it cannot have.`,
    );
  const command = named.includes("/") && !isAbsolute(named) ? join(folder, named) : named;
  const { ca, servername, rejectUnauthorized } = tls;
  const cluster = {
    server: host,
    ...(ca === undefined ? {} : { "certificate-authority-data": Buffer.from(ca).toString("base64") }),
    ...(servername === undefined ? {} : { "tls-server-name": servername }),
    ...(rejectUnauthorized === false ? { "insecure-skip-tls-verify": true } : {}),
    ...(config === undefined ? {} : { config }),
  };
  const spec = { interactive: false, ...(member(plugin, "provideClusterInfo") === true ? { cluster } : {}) };
  const info = JSON.stringify({ apiVersion, kind: "ExecCredential", spec });
  const environment = { ...environmentOf(plugin), KUBERNETES_EXEC_INFO: info };
  return { words: [command, ...textsOf(member(plugin, "args"))], environment };
}

async function run(
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
  refuse: (message: string) => never,
): Promise<Answer> {
  const failed = (why: string): never =>
    refuse(`The kubeconfig's credential plugin ${words[0]} failed: ${why}. Run it by hand to see why.`);
  const signal = AbortSignal.timeout(deadlineMs);
  const call = { input: "", environment: { ...environmentOfPrograms(), ...environment }, signal };
  const { exitCode, stdout } = await runProgram(words, call).catch((error: unknown) =>
    failed(error instanceof ProgramError ? error.message : `it took longer than ${deadlineMs / 1000} s`),
  );
  if (exitCode !== 0) return failed(`its exit code is ${exitCode}`);
  return parseCredential(stdout) ?? failed("it gave no token and no certificate");
}

function parseCredential(output: string): Answer | undefined {
  try {
    const status = member(JSON.parse(output), "status");
    const names = ["token", "clientCertificateData", "clientKeyData", "expirationTimestamp"];
    const texts = names.map((name) => member(status, name)).map((value) => (isText(value) ? value : undefined));
    const [token, cert, key, expires = ""] = texts;
    if (token === undefined && cert === undefined) return undefined;
    const expiresAt = Date.parse(expires);
    return { token, cert, key, expiresAt: Number.isNaN(expiresAt) ? Number.POSITIVE_INFINITY : expiresAt };
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

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
