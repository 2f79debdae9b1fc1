/** The gRPC status codes this server answers with. @see https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
export const grpcStatus = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  deadlineExceeded: 4,
  notFound: 5,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
} as const;

/** One of the codes of {@link grpcStatus}. */
export type GrpcStatus = (typeof grpcStatus)[keyof typeof grpcStatus];

/** A failure with the status the peer is to see. Its message goes over the wire: it must hold no secret. */
export class GrpcError extends Error {
  override readonly name = "GrpcError";
  readonly status: GrpcStatus;

  constructor(status: GrpcStatus, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.status = status;
  }
}

/**
 * Percent-encodes a status message for the `grpc-message` trailer: every UTF-8 byte outside printable ASCII, and `%`.
 * Cut to 4 KiB of UTF-8 first, because peers bound the size of a header block.
 */
export function encodeGrpcMessage(message: string): string {
  let encoded = "";
  for (const byte of Buffer.from(message, "utf8").subarray(0, 4096)) {
    const isPlain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
    encoded += isPlain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return encoded;
}

const timeoutUnitsMs: { readonly [unit: string]: number } = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};
/** The longest a Node timer can wait, in milliseconds (about 24.8 days). */
const longestTimerMs = 2 ** 31 - 1;

/**
 * Reads a `grpc-timeout` header: up to eight digits and a unit (`H M S m u n`).
 *
 * @returns milliseconds, rounded up, at most 2^31 - 1; `undefined` when there is none
 * @throws GrpcError `internal` when it is malformed
 */
export function parseGrpcTimeout(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const [, digits, unit] = /^(\d{1,8})([HMSmun])$/.exec(header) ?? [];
  const unitMs = unit === undefined ? undefined : timeoutUnitsMs[unit];
  if (digits === undefined || unitMs === undefined) {
    throw new GrpcError(grpcStatus.internal, "The grpc-timeout header is malformed.");
  }
  return Math.min(Math.ceil(Number(digits) * unitMs), longestTimerMs);
}
