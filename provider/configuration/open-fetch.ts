import type { Dispatcher } from "undici";
import type { Connection } from "./connection.ts";

/** How requests are sent: as the platform does, unless proxy or TLS are out of the ordinary. */
export function openFetch(connection: Pick<Connection, "ca" | "client" | "proxyUrl">): typeof fetch {
  const { ca, client, proxyUrl } = connection;
  if (ca === undefined && client === undefined && proxyUrl === undefined) return fetch;
  let sender: Promise<Sender> | undefined;
  return async (input, init) => {
    sender ??= openSender(connection);
    return (await sender)(new Request(input, init));
  };
}

type Sender = (request: Request) => Promise<Response>;

/** Loaded only where it is needed: it would cost every start of the provider a moment. */
async function openSender({ ca, client, proxyUrl }: Pick<Connection, "ca" | "client" | "proxyUrl">): Promise<Sender> {
  const { Agent, ProxyAgent, request: send } = await import("undici");
  const trust = ca === undefined ? {} : { ca };
  const tls = { ...trust, ...client };
  const dispatcher: Dispatcher =
    proxyUrl === undefined
      ? new Agent({ connect: tls })
      : new ProxyAgent({ uri: proxyUrl, requestTls: tls, proxyTls: trust });
  return async (request) => {
    const body = request.body === null ? null : Buffer.from(await request.arrayBuffer());
    const { method, signal, headers } = request;
    const answer = await send(request.url, {
      method: method as Dispatcher.HttpMethod,
      headers: Object.fromEntries(headers),
      body,
      signal,
      dispatcher,
    });
    const hasBody = ![204, 205, 304].includes(answer.statusCode);
    if (!hasBody) await answer.body.dump();
    return new Response(hasBody ? bytesOf(answer.body) : null, {
      status: answer.statusCode,
      headers: fieldsOf(answer.headers),
    });
  };
}

/** What arrives, as the platform's own stream. */
function bytesOf(body: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const next = await chunks.next();
      if (next.done === true) controller.close();
      else controller.enqueue(next.value);
    },
    async cancel() {
      await chunks.return?.();
    },
  });
}

function fieldsOf(headers: Dispatcher.ResponseData["headers"]): Headers {
  const fields = new Headers();
  for (const [name, values] of Object.entries(headers)) {
    for (const value of [values ?? []].flat()) fields.append(name, value);
  }
  return fields;
}
