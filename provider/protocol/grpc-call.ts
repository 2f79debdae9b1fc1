import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { FrameReader, framePrefix } from "./grpc-frames.ts";
import { encodeGrpcMessage, GrpcError, grpcStatus, parseGrpcTimeout } from "./grpc-status.ts";

const responseHeaders = {
  ":status": 200,
  "content-type": "application/grpc+proto",
  "grpc-accept-encoding": "identity",
} as const;

/** One call on one HTTP/2 stream: reads request messages, writes response messages, ends with exactly one status. */
export class GrpcCall {
  /** The method asked for, `/package.Service/Method`. */
  readonly path: string;
  /** Aborts when the client cancels, its deadline passes, the connection closes, or the call has failed. */
  readonly signal: AbortSignal;
  readonly #stream: ServerHttp2Stream;
  readonly #headers: IncomingHttpHeaders;
  readonly #controller = new AbortController();
  #deadline: NodeJS.Timeout | undefined;
  #hasStatus = false;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders) {
    this.#stream = stream;
    this.#headers = headers;
    this.path = headers[":path"] ?? "";
    this.signal = this.#controller.signal;
    stream.on("error", () => {}); // "close" follows, and is what counts
    stream.on("close", () => {
      clearTimeout(this.#deadline);
      if (!this.#hasStatus)
        this.#controller.abort(new GrpcError(grpcStatus.cancelled, "The client cancelled the call."));
    });
  }

  /**
   * Checks that this is a gRPC request and starts its deadline.
   *
   * @returns false when it was none and has been refused by HTTP status
   * @throws GrpcError when a gRPC header cannot be honoured
   */
  accept(): boolean {
    const isGrpc = /^application\/grpc($|[+;])/.test(this.#headers["content-type"] ?? "");
    if (!isGrpc || this.#headers[":method"] !== "POST") {
      this.#stream.respond({ ":status": isGrpc ? 405 : 415 }, { endStream: true });
      return false;
    }
    const timeout = this.#headers["grpc-timeout"];
    const timeoutMs = parseGrpcTimeout(typeof timeout === "string" ? timeout : undefined);
    if (timeoutMs !== undefined) {
      const passed = new GrpcError(grpcStatus.deadlineExceeded, "The deadline of the call has passed.");
      this.#deadline = setTimeout(() => this.fail(passed), timeoutMs);
    }
    return true;
  }

  /**
   * Reads the one request message.
   *
   * @throws GrpcError when it is missing, cut short, followed by another, compressed, or too large; and when the call is aborted
   */
  readMessage(): Promise<Buffer> {
    const reader = new FrameReader();
    const encoding = this.#headers["grpc-encoding"];
    let message: Buffer | undefined;
    return new Promise((resolve, reject) => {
      if (this.signal.aborted) reject(this.signal.reason);
      this.signal.addEventListener("abort", () => reject(this.signal.reason), { once: true });
      this.#stream.on("end", () => {
        if (message !== undefined && !reader.isMidFrame) resolve(message);
        else reject(new GrpcError(grpcStatus.internal, "The request ended before its message was complete."));
      });
      this.#stream.on("data", (chunk: Buffer) => {
        try {
          for (const frame of reader.push(chunk)) {
            if (frame.isCompressed) throw unsupportedCompression(typeof encoding === "string" ? encoding : "unnamed");
            if (message !== undefined) throw new GrpcError(grpcStatus.internal, "The call takes one message only.");
            message = frame.message;
          }
        } catch (error) {
          this.#stream.removeAllListeners("data").resume();
          reject(error);
        }
      });
    });
  }

  /** Sends the only response message, then status OK. */
  async sendOne(message: Uint8Array): Promise<void> {
    if (this.#isOver()) return;
    const prefix = framePrefix(message.byteLength);
    this.#open();
    await this.#write(prefix, message);
    this.#end();
  }

  /** Sends each message as it comes, never faster than the client reads, then status OK. */
  async sendEach(messages: AsyncIterable<Uint8Array>): Promise<void> {
    if (this.#isOver()) return;
    this.#open();
    for await (const message of messages) {
      if (this.#isOver()) return;
      await this.#write(framePrefix(message.byteLength), message);
    }
    this.#end();
  }

  /** Ends the call with an error status, aborting whatever still runs. Does nothing when the call already ended. */
  fail(error: GrpcError): void {
    if (this.#isOver()) return;
    const trailers = { "grpc-status": String(error.status), "grpc-message": encodeGrpcMessage(error.message) };
    if (this.#stream.headersSent) {
      this.#finish(trailers);
    } else {
      this.#hasStatus = true;
      this.#stream.respond({ ...responseHeaders, ...trailers }, { endStream: true });
    }
    // Cutting the stream off would overtake the status. A client that still sends stops when it sees the status.
    this.#stream.removeAllListeners("data").resume();
    this.#controller.abort(error);
  }

  #isOver(): boolean {
    return this.#hasStatus || this.#stream.destroyed || this.#stream.closed;
  }

  #open(): void {
    this.#stream.respond(responseHeaders, { waitForTrailers: true });
  }

  #end(): void {
    if (!this.#isOver()) this.#finish({ "grpc-status": String(grpcStatus.ok) });
  }

  #finish(trailers: { readonly [name: string]: string }): void {
    this.#hasStatus = true;
    this.#stream.once("wantTrailers", () => this.#stream.sendTrailers({ ...trailers }));
    this.#stream.end();
  }

  /** Resolves when the stream takes more, or is closed. */
  async #write(...parts: readonly Uint8Array[]): Promise<void> {
    this.#stream.cork();
    let hasRoom = true;
    for (const part of parts) hasRoom = this.#stream.write(part);
    this.#stream.uncork();
    if (hasRoom || this.#stream.destroyed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#stream.once("drain", resolve).once("close", resolve);
    await promise;
  }
}

function unsupportedCompression(encoding: string): GrpcError {
  return new GrpcError(grpcStatus.unimplemented, `Messages compressed with ${encoding} are not supported.`);
}
