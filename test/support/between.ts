import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { onTestFinished } from "vitest";

/**
 * What stands between a client and a server may do with a request: answer it (true), or let it pass (false). Header fields that it
 * has set by then replace those of the server's answer.
 */
export type Interference = (incoming: IncomingMessage, outgoing: ServerResponse) => boolean | Promise<boolean>;

/** A proxy before `target` that ends with the test, as a base address. `interfere` sees each request first. */
export async function between(target: string, interfere: Interference): Promise<string> {
  const listener = createServer(async (incoming, outgoing) => {
    try {
      if (await interfere(incoming, outgoing)) return;
      await passOn(target, incoming, outgoing);
    } catch {
      incoming.socket.destroy();
    }
  }).listen(0, "127.0.0.1");
  await once(listener, "listening");
  onTestFinished(() => {
    listener.closeAllConnections();
    listener.close();
  });
  const at = listener.address();
  return `http://127.0.0.1:${typeof at === "object" && at !== null ? at.port : 0}`;
}

async function passOn(target: string, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const { method = "GET", url = "/", headers } = incoming;
  const forwarded = request(new URL(url, target), { method, headers });
  incoming.pipe(forwarded);
  const [answer]: IncomingMessage[] = await once(forwarded, "response");
  if (answer === undefined) return;
  outgoing.writeHead(answer.statusCode ?? 502, { ...answer.headers, ...outgoing.getHeaders() });
  answer.pipe(outgoing);
}
