import { readBody } from "../../read-body.ts";

/** A request as the AWS SDK hands it on: signed, its path encoded. */
type SdkRequest = {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
};

/** The longest answer that is read, in bytes. A secret of AWS has at most 64 KiB. */
const maxBodyBytes = 1024 * 1024;

/** No answer, or one that broke off. The AWS SDK tries again by this mark. */
export class AwsUnreachableError extends Error {
  override readonly name = "AwsUnreachableError";
  readonly $retryable = {};
}

/** Sends what the AWS SDK asks for by `fetch`: follows no redirect, reads no endless answer, keeps no socket open. */
export class AwsRequestHandler {
  readonly #fetch: typeof fetch;

  constructor(send: typeof fetch) {
    this.#fetch = send;
  }

  async handle(request: SdkRequest, options: { readonly abortSignal?: unknown } = {}) {
    const { protocol, hostname, port, path, method, headers, body } = request;
    const signal = options.abortSignal instanceof AbortSignal ? options.abortSignal : null;
    const url = `${protocol}//${hostname}${port === undefined ? "" : `:${port}`}${path}`;
    try {
      const own = Object.entries(headers).filter(([name]) => !["host", "content-length"].includes(name.toLowerCase()));
      const answer = await this.#fetch(url, { method, headers: own, body: body ?? null, redirect: "manual", signal });
      const bytes = await readBody(answer, maxBodyBytes);
      return { response: { statusCode: answer.status, headers: Object.fromEntries(answer.headers), body: bytes } };
    } catch (error) {
      signal?.throwIfAborted();
      throw new AwsUnreachableError("No whole answer.", { cause: error });
    }
  }

  updateHttpClientConfig(): void {}

  httpHandlerConfigs(): Record<string, never> {
    return {};
  }
}
