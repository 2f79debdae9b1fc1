import { AsyncLocalStorage } from "node:async_hooks";
import { parseTraceparent, type TraceContext } from "./trace-context.ts";

/** What is said of a span. Never a secret, never what a caller wrote. */
export type Attributes = Readonly<Record<string, string | number>>;

/** Something that took time, when it has ended. Times are milliseconds since 1970, with fractions. */
export type Span = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: "server" | "client";
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly attributes: Attributes;
  readonly hasFailed: boolean;
};

/** What a tracer needs. */
export type TracerOptions = {
  readonly nowMs: () => number;
  readonly randomBytes: (size: number) => Uint8Array;
  /** Takes a span that has ended. Must not throw. */
  readonly onEnd: (span: Span) => void;
};

/** Ends the span of a request. */
export type EndRequest = (name: string, attributes: Attributes, hasFailed: boolean) => void;

/** Makes spans of requests, and of what is done for them. */
export class Tracer {
  readonly #options: TracerOptions;
  readonly #contexts = new AsyncLocalStorage<TraceContext>();

  constructor(options: TracerOptions) {
    this.#options = options;
  }

  /**
   * Begins the span of a request, below the one that `traceparent` names, and runs `next` for it. What the caller's trace
   * does not want to see is not recorded.
   */
  beginRequest(traceparent: string | undefined, next: () => void): EndRequest {
    const parent = parseTraceparent(traceparent);
    const context = this.#contextBelow(parent);
    const startedAtMs = this.#options.nowMs();
    this.#contexts.run(context, next);
    return (name, attributes, hasFailed) =>
      this.#end(context, parent, { name, kind: "server", startedAtMs, attributes, hasFailed });
  }

  /** Runs `work` in a span of the request it is done for; what is done for none has no span. */
  async trace<T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T> {
    const parent = this.#contexts.getStore();
    if (parent === undefined || !parent.isSampled) return work();
    const context = this.#contextBelow(parent);
    const span = { name, kind: "client", startedAtMs: this.#options.nowMs(), attributes } as const;
    try {
      const result = await this.#contexts.run(context, work);
      this.#end(context, parent, { ...span, hasFailed: false });
      return result;
    } catch (error) {
      this.#end(context, parent, { ...span, hasFailed: true });
      throw error;
    }
  }

  #contextBelow(parent: TraceContext | undefined): TraceContext {
    return {
      traceId: parent?.traceId ?? this.#randomHex(16),
      spanId: this.#randomHex(8),
      isSampled: parent?.isSampled ?? true,
    };
  }

  #end(
    { traceId, spanId, isSampled }: TraceContext,
    parent: TraceContext | undefined,
    span: Pick<Span, "name" | "kind" | "startedAtMs" | "attributes" | "hasFailed">,
  ): void {
    if (!isSampled) return;
    const endedAtMs = this.#options.nowMs();
    this.#options.onEnd({ ...span, traceId, spanId, parentSpanId: parent?.spanId, endedAtMs });
  }

  #randomHex(size: number): string {
    return Buffer.from(this.#options.randomBytes(size)).toString("hex");
  }
}
