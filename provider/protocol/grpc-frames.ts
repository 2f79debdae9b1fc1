import { GrpcError, grpcStatus } from "./grpc-status.ts";

/** The largest message taken or sent, in bytes: 256 MiB, as Terraform's own limit. */
export const maxMessageBytes = 256 * 1024 * 1024;

/** Bytes before each message: one compression flag, four of big-endian length. */
const prefixBytes = 5;

/** One length-prefixed gRPC message. */
export interface Frame {
  readonly isCompressed: boolean;
  readonly message: Buffer;
}

/**
 * Cuts a byte stream into gRPC frames, however the bytes were split. Memory grows with what was received, never with what a
 * prefix merely announces.
 */
export class FrameReader {
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #bufferedBytes = 0;
  /** What the prefix under way announced, or `undefined` while the prefix is incomplete. */
  #announced: { readonly isCompressed: boolean; readonly messageBytes: number } | undefined;

  constructor(maxBytes = maxMessageBytes) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Takes the next bytes and gives the frames they complete.
   *
   * @throws GrpcError `resourceExhausted` as soon as a prefix announces more than the limit; `internal` when its flag is neither 0 nor 1
   */
  push(chunk: Buffer): readonly Frame[] {
    this.#chunks.push(chunk);
    this.#bufferedBytes += chunk.length;
    const frames: Frame[] = [];
    for (;;) {
      if (this.#announced === undefined) {
        if (this.#bufferedBytes < prefixBytes) return frames;
        this.#announced = readPrefix(this.#take(prefixBytes), this.#maxBytes);
      }
      if (this.#bufferedBytes < this.#announced.messageBytes) return frames;
      const { isCompressed, messageBytes } = this.#announced;
      this.#announced = undefined;
      frames.push({ isCompressed, message: this.#take(messageBytes) });
    }
  }

  /** Whether bytes of an unfinished frame are waiting. */
  get isMidFrame(): boolean {
    return this.#announced !== undefined || this.#bufferedBytes > 0;
  }

  #take(byteCount: number): Buffer {
    const [first] = this.#chunks;
    const hasAllInFirst = first !== undefined && first.length >= byteCount;
    const buffered = hasAllInFirst ? first : Buffer.concat(this.#chunks, this.#bufferedBytes);
    const rest = buffered.subarray(byteCount);
    const later = hasAllInFirst ? this.#chunks.slice(1) : [];
    this.#chunks = rest.length > 0 ? [rest, ...later] : later;
    this.#bufferedBytes -= byteCount;
    return buffered.subarray(0, byteCount);
  }
}

/**
 * The five bytes that go before an uncompressed message.
 *
 * @throws GrpcError `resourceExhausted` beyond {@link maxMessageBytes}
 */
export function framePrefix(messageBytes: number): Buffer {
  if (messageBytes > maxMessageBytes) throw tooLarge(messageBytes, maxMessageBytes);
  const prefix = Buffer.alloc(prefixBytes);
  prefix.writeUInt32BE(messageBytes, 1);
  return prefix;
}

function readPrefix(
  prefix: Buffer,
  maxBytes: number,
): { readonly isCompressed: boolean; readonly messageBytes: number } {
  const flag = prefix.readUInt8(0);
  const messageBytes = prefix.readUInt32BE(1);
  if (flag > 1) throw new GrpcError(grpcStatus.internal, "A gRPC frame has an unknown compression flag.");
  if (messageBytes > maxBytes) throw tooLarge(messageBytes, maxBytes);
  return { isCompressed: flag === 1, messageBytes };
}

function tooLarge(messageBytes: number, maxBytes: number): GrpcError {
  return new GrpcError(
    grpcStatus.resourceExhausted,
    `A message of ${messageBytes} bytes is larger than the limit of ${maxBytes} bytes.`,
  );
}
