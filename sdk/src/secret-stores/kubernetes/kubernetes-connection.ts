import type { Agent } from "node:https";
import { SecretStoreError } from "../secret-store-error.ts";
import type { KubernetesAccess, KubernetesCluster } from "./kubernetes-access.ts";
import { member } from "./kubernetes-entry.ts";
import type { HttpsAnswer } from "./kubernetes-request.ts";

/** The Secret that a connection is about. */
export type KubernetesSecretName = { readonly namespace: string; readonly name: string; readonly destination: string };

/** How an apply is made. */
export type ApplyOptions = {
  /** The field manager. */
  readonly manager: string;
  /** Whether fields of other managers are taken over; otherwise the API server refuses to. */
  readonly force: boolean;
  /** The state that must be there still. */
  readonly resourceVersion?: string;
  /** Whether everything is checked and nothing kept. */
  readonly isRehearsal?: boolean;
};

type Call = {
  readonly method: "GET" | "PATCH" | "DELETE";
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly contentType?: string;
  readonly accept?: string;
  /** Statuses besides 2xx that the caller deals with. */
  readonly expected?: readonly number[];
};

type Connected = { readonly cluster: KubernetesCluster; readonly agent: Agent };

/** Answers hold the metadata of the Secret and none of its values. */
const metadataOnly = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
const mergePatch = "application/merge-patch+json";
const applyPatch = "application/apply-patch+yaml"; // JSON is YAML

/** Speaks the Kubernetes API about one Secret. What it says in words is not passed on: it could quote a value. */
export class KubernetesConnection {
  readonly #access: KubernetesAccess;
  readonly #secret: KubernetesSecretName;
  #connected: Promise<Connected> | undefined;
  #mayGet = true;

  /** @throws SecretStoreError `secret_store_invalid_argument` when host or token cannot be used. */
  constructor(access: KubernetesAccess, secret: KubernetesSecretName) {
    this.#access = access;
    this.#secret = secret;
    const problem = explainUnusable(access);
    if (problem !== undefined) throw this.#error("secret_store_invalid_argument", problem);
  }

  /**
   * The metadata of the Secret; undefined when there is none. Who may not `get` it learns the same from the answer to a change of
   * nothing, which `patch` allows.
   */
  async findMetadata(signal: AbortSignal): Promise<unknown> {
    if (this.#mayGet) {
      const answer = await this.#send({ method: "GET", accept: metadataOnly, expected: [403, 404] }, signal);
      if (answer.status !== 403) return this.#unlessMissing(answer);
      this.#mayGet = false;
    }
    const call = { method: "PATCH", body: {}, contentType: mergePatch, accept: metadataOnly } as const;
    return this.#unlessMissing(await this.#send({ ...call, query: { dryRun: "All" }, expected: [404] }, signal));
  }

  /** The Secret with its values; undefined when there is none. */
  async getWithValues(signal: AbortSignal): Promise<unknown> {
    return this.#unlessMissing(await this.#send({ method: "GET", expected: [404] }, signal));
  }

  /** Applies fields, creating the Secret when it is missing. False when it has changed, or another manager has one of the fields. */
  async apply(
    fields: { readonly metadata: object; readonly data: object },
    options: ApplyOptions,
    signal: AbortSignal,
  ) {
    const { manager, force, resourceVersion, isRehearsal = false } = options;
    const { namespace, name } = this.#secret;
    const version = resourceVersion === undefined ? {} : { resourceVersion };
    const body = {
      apiVersion: "v1",
      kind: "Secret",
      ...fields,
      metadata: { namespace, name, ...version, ...fields.metadata },
    };
    const query = { fieldManager: manager, force: String(force), ...(isRehearsal ? { dryRun: "All" } : {}) };
    const call = { method: "PATCH", body, contentType: applyPatch, accept: metadataOnly, query } as const;
    return (await this.#send({ ...call, expected: [409] }, signal)).status !== 409;
  }

  /** Changes fields of the Secret that is there. False when it has changed or is gone. */
  async merge(body: object, signal: AbortSignal): Promise<boolean> {
    const call = { method: "PATCH", body, contentType: mergePatch, accept: metadataOnly } as const;
    const { status } = await this.#send({ ...call, expected: [404, 409] }, signal);
    return status < 300;
  }

  /** Deletes the Secret as it was seen. */
  async delete(seen: { readonly uid: string; readonly resourceVersion: string }, signal: AbortSignal) {
    const { uid, resourceVersion } = seen;
    const body = { apiVersion: "v1", kind: "DeleteOptions", preconditions: { uid, resourceVersion } };
    const call = { method: "DELETE", body, contentType: "application/json", accept: metadataOnly } as const;
    const { status } = await this.#send({ ...call, expected: [403, 404, 409] }, signal);
    return status === 403 ? "refused" : status < 300 ? "deleted" : "changed";
  }

  /** Gives up the connections that are kept for the next request. */
  close(): void {
    this.#connected?.then(
      ({ agent }) => agent.destroy(),
      () => undefined,
    );
  }

  /** The error of an answer that no Kubernetes gives. */
  strange(): SecretStoreError {
    return this.#error("secret_store_failed", "What answers there is no Kubernetes API server. Check its address.");
  }

  /** The error of a Secret that will be gone in a moment, with whatever is written to it. */
  going(): SecretStoreError {
    const { namespace, name } = this.#secret;
    const message = `The Secret ${namespace}/${name} is being deleted, and a finalizer still holds it. Repeat when it is gone.`;
    return this.#error("secret_store_unreachable", message);
  }

  /** Only a `Status` about the Secret says that it is missing: whatever else there is at a wrong address answers 404, too. */
  #unlessMissing({ status, body }: HttpsAnswer): unknown {
    if (status !== 404) return body;
    if (member(member(body, "details"), "kind") === "secrets") return undefined;
    throw member(body, "kind") === "Status" ? this.#explain("GET", { status, body }) : this.strange();
  }

  async #send(call: Call, signal: AbortSignal): Promise<HttpsAnswer> {
    const connected = await this.#connect(signal);
    const first = await this.#exchange(call, connected, signal);
    const renewed = first.status === 401 ? await this.#renew(connected, signal) : undefined;
    const answer = renewed === undefined ? first : await this.#exchange(call, renewed, signal);
    if (answer.status < 300 && answer.body === undefined) throw this.strange();
    if (answer.status >= 300 && call.expected?.includes(answer.status) !== true)
      throw this.#explain(call.method, answer);
    return answer;
  }

  async #exchange(call: Call, { cluster, agent }: Connected, signal: AbortSignal): Promise<HttpsAnswer> {
    const { namespace, name, destination } = this.#secret;
    const { request } = await import("./kubernetes-request.ts");
    const path = `/api/v1/namespaces/${namespace}/secrets/${name}`;
    const query = call.query === undefined ? "" : `?${new URLSearchParams(call.query)}`;
    return request({ ...call, path: `${path}${query}`, cluster, agent, destination, signal });
  }

  /** Once for all calls; again after it failed. */
  async #connect(signal: AbortSignal): Promise<Connected> {
    this.#connected ??= this.#prepare(signal);
    try {
      return await this.#connected;
    } catch (error) {
      this.#connected = undefined;
      throw error;
    }
  }

  /** Credentials expire while a store is open: a service account's token is in its file again, a plugin gives another one. */
  async #renew({ cluster }: Connected, signal: AbortSignal): Promise<Connected | undefined> {
    const renewed = await this.#prepare(signal, cluster.token ?? cluster.tls.cert);
    if (renewed.cluster.token === cluster.token && renewed.cluster.tls.cert === cluster.tls.cert) {
      renewed.agent.destroy();
      return undefined;
    }
    this.#connected = Promise.resolve(renewed);
    return renewed;
  }

  async #prepare(signal: AbortSignal, rejected?: string): Promise<Connected> {
    const [{ findCluster }, { Agent }] = await Promise.all([import("./kubernetes-cluster.ts"), import("node:https")]);
    const cluster = await findCluster(this.#access, this.#secret.destination, signal, rejected);
    const problem = explainUnusable(cluster);
    if (problem !== undefined) throw this.#error("secret_store_invalid_argument", problem);
    return { cluster, agent: new Agent({ keepAlive: true, ...cluster.tls }) };
  }

  #explain(method: Call["method"], { status, body }: HttpsAnswer): SecretStoreError {
    const { namespace, name } = this.#secret;
    const details = member(body, "details");
    if (isAbsentNamespace(status, details)) {
      const message = `The namespace ${namespace} does not exist, or is being deleted. Create it first.`;
      return this.#error("secret_store_not_found", message);
    }
    if (status === 401) {
      const message = "Kubernetes does not accept the credentials (401): they are missing, wrong or expired.";
      return this.#error("secret_store_refused", message);
    }
    if (status === 403) return this.#error("secret_store_refused", explainRights(method, namespace, name));
    if (status === 422) return this.#error("secret_store_invalid_argument", explainInvalid(namespace, name, details));
    if (status === 429 || status >= 500) {
      const message = `Kubernetes cannot answer now (${status}).`;
      return this.#error("secret_store_unreachable", message);
    }
    if (status < 400) {
      const message = `What answers there redirects (${status}). Set the address of the API server itself.`;
      return this.#error("secret_store_unreachable", message);
    }
    if (member(body, "kind") !== "Status") return this.strange();
    const message = `Kubernetes refused ${method} of the Secret ${namespace}/${name} (${status}).`;
    return this.#error("secret_store_failed", message);
  }

  #error(code: SecretStoreError["code"], message: string): SecretStoreError {
    return new SecretStoreError(code, this.#secret.destination, message);
  }
}

function explainUnusable({ host, token }: Partial<KubernetesCluster>): string | undefined {
  const url = host === undefined ? undefined : URL.parse(host);
  const isHere = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(url?.hostname ?? "");
  if (url === null || (url !== undefined && url.protocol !== "https:" && !(url.protocol === "http:" && isHere))) {
    return "The address of the API server must be an https URL; http only at this machine.";
  }
  if (token === undefined || /^[!-~]{1,16384}$/.test(token)) return undefined;
  return "The token for Kubernetes must be printable characters without spaces.";
}

function isAbsentNamespace(status: number, details: unknown): boolean {
  if (status === 404) return member(details, "kind") === "namespaces";
  return status === 403 && causesOf(details).some((cause) => member(cause, "reason") === "NamespaceTerminating");
}

function explainRights(method: Call["method"], namespace: string, name: string): string {
  const verbs = method === "GET" ? '["get"]' : method === "DELETE" ? '["delete"]' : '["create", "patch"]';
  return `Kubernetes does not allow that (403). A Role in the namespace ${namespace} must have: apiGroups: [""], resources: ["secrets"], resourceNames: ["${name}"], verbs: ${verbs}. Where it has, a quota or an admission rule refuses.`;
}

function explainInvalid(namespace: string, name: string, details: unknown): string {
  // Kubernetes names the field; that it is about immutability is in words only, and nothing else forbids a change of data.
  const isImmutable = causesOf(details).some(
    (cause) => member(cause, "field") === "data" && /Forbidden/.test(String(member(cause, "reason"))),
  );
  if (isImmutable) {
    return `The Secret ${namespace}/${name} is immutable. Choose another one, or delete it and let orgtokens create it.`;
  }
  return `The Secret ${namespace}/${name} cannot hold this (422): it may be full, of a type whose keys Kubernetes checks, or refused by an admission policy.`;
}

function causesOf(details: unknown): readonly unknown[] {
  const causes = member(details, "causes");
  return Array.isArray(causes) ? causes : [];
}
