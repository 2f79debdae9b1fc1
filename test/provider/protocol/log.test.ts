import { describe, expect, test } from "vitest";
import type { LogLevel } from "../../../provider/framework/diagnostics/log.ts";
import { describeError } from "../../../provider/protocol/describe-error.ts";
import { createLog, logLevel } from "../../../provider/protocol/log.ts";

const token = `tok_0123${"x".repeat(32)}`;

function logged(level: LogLevel | "off" = "trace") {
  const lines: string[] = [];
  const now = () => new Date("2026-01-02T03:04:05.678Z");
  return { log: createLog({ level, module: "provider", write: (line) => lines.push(line), now }), lines };
}

describe("the log", () => {
  test("a line is hclog's JSON, ending in one line feed", () => {
    const { log, lines } = logged();
    log.warn("Two\nlines", { count: 3, isOdd: true, absent: undefined });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^[^\n]*\n$/);
    expect(JSON.parse(lines[0] ?? "")).toEqual({
      "@level": "warn",
      "@message": "Two\nlines",
      "@module": "provider",
      "@timestamp": "2026-01-02T03:04:05.678000Z",
      count: 3,
      isOdd: true,
    });
  });

  test("an API token is obfuscated wherever it stands", () => {
    const { log, lines } = logged();
    log.error(`Bearer ${token}, again ${token}`, { header: `x${token}y`, [token]: 1, long: "z".repeat(1990) + token });
    expect(lines.join("")).not.toContain("x".repeat(8));
    expect(JSON.parse(lines[0] ?? "")["@message"]).toBe("Bearer tok_0123****, again tok_0123****");
  });

  test("a line stays under 64 KiB, whatever is logged", () => {
    const { log, lines } = logged();
    const fields = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`field_${index}`, "\u0001".repeat(100_000)]),
    );
    log.info("\u0001".repeat(100_000), fields);
    expect(Buffer.byteLength(lines[0] ?? "")).toBeLessThan(64 * 1024);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ "@level": "info", fields_dropped: true });
  });

  test("a field cannot pass for hclog's own", () => {
    const { log, lines } = logged();
    log.debug("true", { "@level": "error", "@message": "false" });
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ "@level": "debug", "@message": "true" });
  });

  test("lines below the level are dropped", () => {
    const { log, lines } = logged("warn");
    log.trace("a");
    log.debug("b");
    log.info("c");
    log.warn("d");
    log.error("e");
    expect(lines.map((line) => JSON.parse(line)["@message"])).toEqual(["d", "e"]);
  });

  test.each([
    [{}, "error"],
    [{ TF_LOG: "DEBUG" }, "debug"],
    [{ TF_LOG: "trace", TF_LOG_PROVIDER: "WARN" }, "warn"],
    [{ TF_LOG: "INFO", TF_LOG_PROVIDER: "" }, "info"],
    [{ TF_LOG_PROVIDER: "off" }, "off"],
    [{ TF_LOG: "JSON" }, "trace"],
    [{ TF_LOG: "1" }, "trace"],
  ])("the level of %j is %s", (environment, level) => {
    expect(logLevel(environment)).toBe(level);
  });
});

describe("an unexpected error in the log", () => {
  test("has its kind, its code and where it happened, but never its text", () => {
    const error = Object.assign(new RangeError("hunter2\n    at hunter2 (file.ts:1:1)"), { code: "ERR_X" });
    const fields = describeError(error);
    expect(fields).toMatchObject({ error_type: "RangeError", error_code: "ERR_X" });
    expect(fields["error_at"]).toContain("log.test.ts");
    expect(JSON.stringify(fields)).not.toContain("hunter2");
  });

  test.each([
    "hunter2",
    { hunter2: 1 },
    null,
    undefined,
    Object.assign(new Error("x"), { name: "hunter2 !", code: "hunter2" }),
  ])("tells nothing of what was thrown instead: %#", (thrown) =>
    expect(JSON.stringify(describeError(thrown))).not.toContain("hunter2"),
  );

  test("whose stack was taken away has no place", () => {
    expect(describeError(Object.assign(new Error("hunter2"), { stack: "at hunter2" }))["error_at"]).not.toContain(
      "hunter2",
    );
  });
});
