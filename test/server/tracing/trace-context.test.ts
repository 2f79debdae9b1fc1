import { expect, test } from "vitest";
import { parseTraceparent } from "../../../server/tracing/trace-context.ts";

const [traceId, spanId] = ["4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"];

test("a traceparent names its trace, the span above, and whether anybody wants to see it", () => {
  expect(parseTraceparent(`00-${traceId}-${spanId}-01`)).toEqual({ traceId, spanId, isSampled: true });
  expect(parseTraceparent(`00-${traceId}-${spanId}-00`)).toMatchObject({ isSampled: false });
  expect(parseTraceparent(`cc-${traceId}-${spanId}-03-later`)).toMatchObject({ traceId, isSampled: true });
});

test.for([
  undefined,
  "",
  "hello",
  `00-${traceId}-${spanId}`,
  `00-${traceId}-${spanId}-01-more`,
  `ff-${traceId}-${spanId}-01`,
  `00-${traceId.toUpperCase()}-${spanId}-01`,
  `00-${"0".repeat(32)}-${spanId}-01`,
  `00-${traceId}-${"0".repeat(16)}-01`,
  `00-${traceId}-${spanId}-01\n`,
])("'%s' is none", (text) => {
  expect(parseTraceparent(text)).toBeUndefined();
});
