import { type Client, createClient } from "@orgtokens/sdk";
import type { TestApp } from "./app.ts";

/** A client of the application in process: what it sends and is answered passes `app.send`, which holds it against openapi.yaml. */
export function createAppClient(app: TestApp, apiToken = app.adminToken): Client {
  const send: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const { pathname, search } = new URL(request.url);
    const payload = await request.text();
    const answer = await app.send({
      method: request.method,
      url: pathname + search,
      headers: Object.fromEntries(request.headers),
      ...(payload === "" ? {} : { payload }),
    });
    const headers = Object.entries(answer.headers).map(([name, value = ""]): [string, string] => [name, value]);
    return new Response(answer.text === "" ? null : answer.text, { status: answer.status, headers });
  };
  return createClient({ endpoint: "http://127.0.0.1", apiToken, fetch: send });
}
