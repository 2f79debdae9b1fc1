import type { Log } from "../framework/diagnostics/log.ts";

/** Longest text kept while waiting for its line feed. */
const maxPendingLength = 8192;

/**
 * Keeps standard output for the handshake: from now on whatever anybody writes to `stream` becomes a line of the log.
 *
 * @returns the one way left to write to the stream itself
 */
export function guardStdout(stream: NodeJS.WriteStream, log: Log): (text: string) => void {
  const write = stream.write.bind(stream);
  let pending = "";
  const report = (text: string) => {
    if (text.trim() !== "")
      log.warn("Something wrote to standard output, which belongs to the plugin protocol.", { text });
  };
  stream.write = (chunk: string | Uint8Array, ...rest: readonly unknown[]): boolean => {
    const lines = (pending + (typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8"))).split("\n");
    pending = lines.pop() ?? "";
    for (const line of lines) report(line);
    if (pending.length > maxPendingLength) {
      report(pending);
      pending = "";
    }
    const callback = rest.at(-1);
    if (typeof callback === "function") queueMicrotask(() => callback());
    return true;
  };
  return (text) => void write(text);
}
