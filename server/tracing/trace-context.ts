/** Where a span belongs: its trace, the span above it, and whether anybody wants to see it. */
export type TraceContext = {
  /** 32 lower-case hexadecimal characters. */
  readonly traceId: string;
  /** 16 lower-case hexadecimal characters. */
  readonly spanId: string;
  readonly isSampled: boolean;
};

/**
 * Reads a `traceparent` header field.
 * @returns undefined for what is none: a trace of its own begins then.
 * @see W3C Trace Context, section 3.2
 */
export function parseTraceparent(text: string | undefined): TraceContext | undefined {
  const { version, traceId, spanId, flags, rest } =
    /^(?<version>[0-9a-f]{2})-(?<traceId>[0-9a-f]{32})-(?<spanId>[0-9a-f]{16})-(?<flags>[0-9a-f]{2})(?<rest>-.*)?$/.exec(
      text ?? "",
    )?.groups ?? {};
  if (version === undefined || traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  if (version === "ff" || (version === "00" && rest !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}
