import type { Attributes, Span } from "./tracer.ts";

/** Where spans are sent, as OpenTelemetry's environment variables say it. */
export type OtlpOptions = {
  /** The collector's address, such as `http://127.0.0.1:4318`; `/v1/traces` is added. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
  readonly serviceVersion: string;
  readonly fetch: typeof fetch;
  /** Told when a batch was not taken. It is not sent again: traces must never fill the memory. */
  readonly onError: (error: unknown) => void;
  /** How long a span waits at most, in milliseconds. Default 5000. */
  readonly intervalMs?: number;
};

const maxBatchSize = 512;
/** More spans than this wait for nobody: the newest are dropped. */
const maxWaiting = 2048;
const timeoutMs = 5000;

/** Sends spans in batches to an OpenTelemetry collector: OTLP over HTTP, in JSON. */
export class OtlpExporter {
  readonly #options: OtlpOptions;
  #waiting: Span[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> = Promise.resolve();

  constructor(options: OtlpOptions) {
    this.#options = options;
  }

  /** Takes a span. Never waits and never throws. */
  add(span: Span): void {
    if (this.#waiting.length >= maxWaiting) return;
    this.#waiting.push(span);
    if (this.#waiting.length >= maxBatchSize) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), this.#options.intervalMs ?? 5000).unref();
  }

  /** Sends what is left, and waits for it no longer than a request may take. */
  async close(): Promise<void> {
    this.#flush();
    await this.#sending;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending = this.#sending.then(async () => {
      while (this.#waiting.length > 0) await this.#send(this.#waiting.splice(0, maxBatchSize));
    });
  }

  async #send(spans: readonly Span[]): Promise<void> {
    const { endpoint, headers, fetch: send, onError } = this.#options;
    try {
      const response = await send(`${endpoint.replace(/\/$/, "")}/v1/traces`, {
        method: "POST",
        headers: { ...headers, "Content-Type": "application/json" },
        body: JSON.stringify(encode(spans, this.#options)),
        redirect: "error",
        signal: AbortSignal.timeout(timeoutMs),
      });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`The collector answered ${response.status}.`);
    } catch (error) {
      onError(error);
    }
  }
}

/** @see https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
function encode(spans: readonly Span[], { serviceName, serviceVersion }: OtlpOptions): unknown {
  const attributes = { "service.name": serviceName, "service.version": serviceVersion };
  return {
    resourceSpans: [
      {
        resource: { attributes: encodeAttributes(attributes) },
        scopeSpans: [{ scope: { name: "orgtokens-server", version: serviceVersion }, spans: spans.map(encodeSpan) }],
      },
    ],
  };
}

const kinds = { server: 2, client: 3 } as const;
const failed = 2;

function encodeSpan({ parentSpanId, startedAtMs, endedAtMs, kind, hasFailed, attributes, ...span }: Span): unknown {
  return {
    ...span,
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    kind: kinds[kind],
    startTimeUnixNano: nanoseconds(startedAtMs),
    endTimeUnixNano: nanoseconds(endedAtMs),
    attributes: encodeAttributes(attributes),
    ...(hasFailed ? { status: { code: failed } } : {}),
  };
}

/** As text: a number has not enough digits. */
function nanoseconds(milliseconds: number): string {
  return `${BigInt(Math.round(milliseconds * 1000)) * 1000n}`;
}

function encodeAttributes(attributes: Attributes): unknown {
  return Object.entries(attributes).map(([key, value]) => ({
    key,
    value: typeof value === "number" ? { intValue: String(value) } : { stringValue: value },
  }));
}
