import type { SecretClient } from "@azure/keyvault-secrets";
import { SecretStoreError } from "../secret-store-error.ts";
import { untilAborted } from "../until-aborted.ts";
import type { AzureAccess } from "./azure-access.ts";
import { azureRetries, createAzureCredential } from "./azure-credentials.ts";

/** Failures of a call that its caller deals with. */
export type AzureFailure = "not_found" | "deleted" | "disabled" | "forbidden";

/** What a call says that failed in an expected way. */
export class AzureCallFailure extends Error {
  readonly failure: AzureFailure;

  constructor(failure: AzureFailure) {
    super(`Azure Key Vault: ${failure}`);
    this.failure = failure;
  }
}

/** How a call ends: the signal aborts it, and `expected` failures are thrown as {@link AzureCallFailure}. */
export type AzureCall = {
  /** The data action that it needs, as a role names it. */
  readonly action: string;
  readonly expected: readonly AzureFailure[];
  readonly signal: AbortSignal;
};

const packages = ["@azure/keyvault-secrets", "@azure/identity"];

/** Speaks to one vault through the official client, which is loaded by the first call. */
export class AzureConnection {
  readonly #access: AzureAccess;
  readonly #destination: string;
  readonly #host: string;
  #client: Promise<SecretClient> | undefined;
  #isEntraSilent = false;

  constructor(access: AzureAccess, destination: string, host: string) {
    this.#access = access;
    this.#destination = destination;
    this.#host = host;
  }

  /** Makes one call. @throws AzureCallFailure; SecretStoreError for every failure that is not expected. */
  async call<T>(
    { action, expected, signal }: AzureCall,
    run: (client: SecretClient, options: { readonly abortSignal: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    this.#client ??= this.#load();
    const client = await untilAborted(this.#client, signal);
    try {
      return await untilAborted(run(client, { abortSignal: signal }), signal);
    } catch (error) {
      signal.throwIfAborted();
      // Without the error as the cause: it holds the request, and the request holds the secret.
      const problem = problemOf(error);
      const failure = failureOf(problem);
      if (failure !== undefined && expected.includes(failure)) throw new AzureCallFailure(failure);
      throw this.#explain(action, problem);
    }
  }

  async #load(): Promise<SecretClient> {
    try {
      const { SecretClient } = await import("@azure/keyvault-secrets");
      const credential = await createAzureCredential(this.#access, this.#host, (isAnswered) => {
        this.#isEntraSilent = !isAnswered;
      });
      return new SecretClient(`https://${this.#host}`, credential, { retryOptions: azureRetries });
    } catch (error) {
      const isMissing = error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
      throw isMissing
        ? this.#error("secret_store_failed", `Packages are missing: npm install ${packages.join(" ")}`)
        : this.#error("secret_store_refused", noCredentials);
    }
  }

  #explain(action: string, { name, status, code, reason }: AzureProblem): SecretStoreError {
    const where = `the vault ${this.#host}`;
    if (name !== "RestError" && this.#isEntraSilent)
      return this.#error("secret_store_unreachable", "Microsoft Entra ID does not answer now.");
    // Whatever else is not of HTTP comes from the credentials: there are none, or Entra ID or the client does not take them.
    if (name !== "RestError") return this.#error("secret_store_refused", noCredentials);
    if (code === "ENOTFOUND")
      return this.#error("secret_store_unreachable", `There is no host ${this.#host}. Check the name of the vault.`);
    if (status === undefined || status < 400 || status === 408 || status === 429 || status >= 500)
      return this.#error("secret_store_unreachable", `Azure Key Vault does not answer now (${status ?? code}).`);
    if (status === 401)
      return this.#error("secret_store_refused", `Azure does not accept the credentials for ${where}.`);
    if (status === 403) return this.#refused(action);
    if (status === 404) return this.#error("secret_store_not_found", `There is nothing of that name in ${where}.`);
    if (status === 409)
      return this.#error("secret_store_conflict", `${where} is busy with that name (${reason}). Repeat it later.`);
    return this.#error("secret_store_failed", `Azure Key Vault refused ${action} in ${where} (${status} ${reason}).`);
  }

  #refused(action: string): SecretStoreError {
    const message = `The vault ${this.#host} refuses that. The role of Azure's credentials needs the data action Microsoft.KeyVault/vaults/secrets/${action}, and the vault's network rules must let this machine in.`;
    return this.#error("secret_store_refused", message);
  }

  #error(kind: SecretStoreError["code"], message: string): SecretStoreError {
    return new SecretStoreError(kind, this.#destination, message);
  }
}

const noCredentials =
  "There are no credentials of Azure that can be used for this vault. Give some, set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, run where there is a managed or workload identity, or sign in with az login.";

/** What an error says by codes. Words of Azure are not passed on. */
type AzureProblem = {
  readonly name: string;
  readonly status: number | undefined;
  /** Of the connection, such as `ECONNREFUSED`. */
  readonly code: string;
  /** The innermost code of Key Vault's answer, such as `SecretDisabled`. */
  readonly reason: string;
};

function problemOf(error: unknown): AzureProblem {
  const { name, statusCode, code, details } = membersOf(error);
  return {
    name: wordOf(name),
    status: typeof statusCode === "number" ? statusCode : undefined,
    code: wordOf(code),
    // A list's error has the outer code only.
    reason: reasonOf(membersOf(details)["error"] ?? { code }),
  };
}

function reasonOf(error: unknown): string {
  const { code, innerError } = membersOf(error);
  return innerError === undefined || innerError === null ? wordOf(code) : reasonOf(innerError);
}

function failureOf({ status, reason }: AzureProblem): AzureFailure | undefined {
  if (status === 404) return "not_found";
  if (status === 403) return reason === "SecretDisabled" ? "disabled" : "forbidden";
  // Deleted but recoverable, or on the way from or to that.
  return status === 409 && /^ObjectIs/.test(reason) ? "deleted" : undefined;
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value, ...namesOf(value) } : {};
}

/** The name of an error's class is not a member of its own. */
function namesOf(value: object): Readonly<Record<string, unknown>> {
  return value instanceof Error ? { name: value.name } : {};
}

/** A code, and nothing that could be a sentence. */
function wordOf(value: unknown): string {
  return typeof value === "string" && /^\w{1,60}$/.test(value) ? value : "unknown";
}
