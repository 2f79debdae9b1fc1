import { Writable } from "node:stream";

const levels: Readonly<Record<number, string>> = {
  10: "TRACE",
  20: "DEBUG",
  30: "INFO",
  40: "WARN",
  50: "ERROR",
  60: "FATAL",
};
const hidden = new Set(["level", "time", "pid", "hostname", "msg", "reqId"]);

/** Turns JSON log lines into text for people: time, level, message, then `name=value` pairs. */
export function createTextLog(output: { write(text: string): unknown }): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      for (const line of chunk.toString().split("\n").filter(Boolean)) output.write(`${formatLine(line)}\n`);
      done();
    },
  });
}

function formatLine(line: string): string {
  const entry: unknown = JSON.parse(line);
  if (typeof entry !== "object" || entry === null) return line;
  const { time, level, msg, ...fields } = Object.fromEntries(Object.entries(entry));
  const pairs = Object.entries(fields)
    .filter(([name]) => !hidden.has(name))
    .map(
      ([name, value]) =>
        ` ${name}=${typeof value === "string" && /^[^\s"]+$/.test(value) ? value : JSON.stringify(value)}`,
    );
  return `${new Date(Number(time)).toISOString()} ${levels[Number(level)] ?? level} ${msg}${pairs.join("")}`;
}
