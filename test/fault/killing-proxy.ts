import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";

/** A request that changes something, as it passed. */
export type PassedRequest = { readonly method: string; readonly path: string };

/**
 * Proxies in front of the servers a provider talks to. They count the requests that change something, over all targets, and call
 * `kill` at a chosen one: before it is passed on (0 for the first), or after its target has done it but before the answer.
 */
export type KillingProxies = {
  /** The address of the proxy before a target. */
  addressOf(target: string): Promise<string>;
  /**
   * Forgets what passed; `kill` runs once: when request number `after` (from 1) has been done and before its answer, or when the
   * one that follows comes, before it is passed on. With 0 there is only the latter.
   */
  arm(after: number, kill: () => Promise<void>, moment?: "before the answer" | "before the next"): void;
  /** Passes everything. */
  disarm(): void;
  /** What passed since the last `arm` or `disarm`. */
  readonly passed: readonly PassedRequest[];
  /** Whether the armed kill has happened. */
  readonly hasKilled: boolean;
  close(): void;
};

/** Asking which capabilities a token has is a POST that changes nothing. */
const harmless = /\/sys\/capabilities-self$/;

export function createKillingProxies(): KillingProxies {
  const closers: (() => void)[] = [];
  let passed: PassedRequest[] = [];
  let armed: { readonly after: number; readonly kill: () => Promise<void>; readonly waitsForNext: boolean } | undefined;
  let hasKilled = false;

  async function fire(incoming: IncomingMessage): Promise<void> {
    const kill = armed?.kill;
    armed = undefined;
    hasKilled = true;
    await kill?.();
    incoming.socket.destroy();
  }

  async function pass(target: string, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = "GET", url: path = "/", headers } = incoming;
    const changes = method !== "GET" && !harmless.test(path);
    if (changes && armed?.waitsForNext && armed.after === passed.length) return fire(incoming);
    const forwarded = request(new URL(path, target), { method, headers });
    incoming.pipe(forwarded);
    const [answer]: IncomingMessage[] = await once(forwarded, "response");
    if (answer === undefined) return;
    const body = Buffer.concat(await answer.toArray());
    if (changes) passed.push({ method, path });
    if (changes && !armed?.waitsForNext && armed?.after === passed.length) return fire(incoming);
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers).end(body);
  }

  return {
    async addressOf(target) {
      const server = createServer((incoming, outgoing) => {
        pass(target, incoming, outgoing).catch(() => incoming.socket.destroy());
      }).listen(0, "127.0.0.1");
      await once(server, "listening");
      closers.push(() => {
        server.closeAllConnections();
        server.close();
      });
      const at = server.address();
      return `http://127.0.0.1:${typeof at === "object" && at !== null ? at.port : 0}`;
    },
    arm(after, kill, moment = "before the answer") {
      passed = [];
      hasKilled = false;
      armed = { after, kill, waitsForNext: after === 0 || moment === "before the next" };
    },
    disarm() {
      passed = [];
      hasKilled = false;
      armed = undefined;
    },
    get passed() {
      return passed;
    },
    get hasKilled() {
      return hasKilled;
    },
    close() {
      for (const close of closers) close();
    },
  };
}
