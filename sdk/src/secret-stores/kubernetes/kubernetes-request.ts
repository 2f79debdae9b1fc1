import { request as sendPlain } from "node:http";
import { type Agent, request as sendSecure } from "node:https";
import { SecretStoreError } from "../secret-store-error.ts";
import type { KubernetesCluster } from "./kubernetes-access.ts";

/** One request to an API server. `path` is already encoded. */
export type HttpsCall = {
  readonly method: string;
  readonly path: string;
  readonly body?: object;
  readonly contentType?: string;
  readonly accept?: string;
  readonly cluster: KubernetesCluster;
  readonly agent: Agent;
  readonly destination: string;
  readonly signal: AbortSignal;
};

/** An answer. `body` is parsed JSON. */
export type HttpsAnswer = { readonly status: number; readonly body: unknown };

/** The longest answer that is read, in bytes. A Secret has 1 MiB of values at most. */
const maxBodyBytes = 4 * 1024 * 1024;

/**
 * Sends a request over `node:https`, because `fetch` takes neither a cluster's own authority nor a client certificate.
 * @throws SecretStoreError when nothing answers, or what answers does not speak JSON; the signal's reason.
 */
export async function request(call: HttpsCall): Promise<HttpsAnswer> {
  const { cluster, destination, signal } = call;
  const { origin } = new URL(cluster.host);
  try {
    const { status, text } = await exchange(call);
    if (status >= 300 && status < 400) return { status, body: undefined };
    return { status, body: parse(text, status) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof StrangeAnswerError) {
      const message = `What answers at ${origin} is no Kubernetes API server: its answer is not JSON, or too long.`;
      throw new SecretStoreError("secret_store_failed", destination, message);
    }
    const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    if (code.includes("ERR_OSSL") || code.includes("ERR_CRYPTO")) {
      const message = `The certificates or the key for the API server at ${origin} cannot be used${code}. They must be PEM.`;
      throw new SecretStoreError("secret_store_invalid_argument", destination, message);
    }
    const advice = "Check the address, that it runs, and the certificate of its authority.";
    const message = `The Kubernetes API server at ${origin} cannot be reached, or its answer broke off${code}. ${advice}`;
    throw new SecretStoreError("secret_store_unreachable", destination, message, { cause: error });
  }
}

/** Without a cause: what is wrong with an answer is told by quoting it, and it can hold a secret. */
class StrangeAnswerError extends Error {
  override readonly name = "StrangeAnswerError";
}

function parse(text: string, status: number): unknown {
  try {
    const parsed: unknown = JSON.parse(text);
    return parsed;
  } catch {
    // A proxy in front of the API server explains its own failures in HTML.
    if (status >= 300) return undefined;
    throw new StrangeAnswerError("not JSON");
  }
}

function exchange({ method, path, body, contentType, accept, cluster, agent, signal }: HttpsCall) {
  const url = new URL(`${cluster.host.replace(/\/+$/, "")}${path}`);
  const content = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const headers = {
    accept: accept ?? "application/json",
    "user-agent": "orgtokens",
    ...(cluster.token === undefined ? {} : { authorization: `Bearer ${cluster.token}` }),
    ...(content === undefined ? {} : { "content-type": contentType, "content-length": content.length }),
  };
  return new Promise<{ readonly status: number; readonly text: string }>((resolve, reject) => {
    const options = { method, headers, signal };
    const sent = url.protocol === "http:" ? sendPlain(url, options) : sendSecure(url, { ...options, agent });
    sent.once("error", reject);
    sent.once("response", (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length > maxBodyBytes) response.destroy(new StrangeAnswerError("too long"));
      });
      response.once("error", reject);
      response.once("end", () => {
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") });
      });
    });
    sent.end(content);
  });
}
