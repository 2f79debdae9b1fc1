import { once } from "node:events";
import { createServer, request as send } from "node:http";
import { onTestFinished } from "vitest";

/** Stands before a server and counts what passes. */
export type CountingProxy = {
  readonly endpoint: string;
  /** `GET /v2/me` and the like, in the order of arrival; emptied by a test at will. */
  readonly requests: string[];
};

/** Starts one on the loopback address; it ends with the test. */
export async function countingProxy(target: string): Promise<CountingProxy> {
  const requests: string[] = [];
  const listener = createServer((incoming, outgoing) => {
    requests.push(`${incoming.method} ${incoming.url}`);
    const forward = send(
      new URL(incoming.url ?? "/", target),
      { method: incoming.method ?? "GET", headers: incoming.headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    forward.on("error", () => outgoing.destroy());
    incoming.pipe(forward);
  }).listen(0, "127.0.0.1");
  await once(listener, "listening");
  onTestFinished(() => {
    listener.closeAllConnections();
    listener.close();
  });
  const at = listener.address();
  return { endpoint: `http://127.0.0.1:${typeof at === "object" && at !== null ? at.port : 0}`, requests };
}
