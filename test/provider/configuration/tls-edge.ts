/** Far edges that speak TLS or proxy connections, on the loopback address, until the test ends. */
import { once } from "node:events";
import { createServer as createHttpServer, type IncomingMessage } from "node:http";
import { createServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { TLSSocket } from "node:tls";
import { onTestFinished } from "vitest";
import type { HostCertificate } from "../../../provider/testing/host-certificate.ts";

/** What an Admin token is told about itself. */
export const adminMe = { type: "api_token", apiToken: { role: "admin" }, secret: {} };

/** An https server that answers `getMe` as to an Admin token. */
export type TlsEdge = {
  readonly port: number;
  readonly requests: readonly IncomingMessage[];
  /** The names of the certificates that clients presented. */
  readonly presented: readonly string[];
};

/** Starts one. With `clients`, only who has a certificate of that authority is let in. */
export async function tlsEdge(own: HostCertificate, clients?: HostCertificate): Promise<TlsEdge> {
  const requests: IncomingMessage[] = [];
  const presented: string[] = [];
  const listener = createServer(
    {
      cert: own.certificatePem,
      key: own.privateKeyPem,
      ...(clients === undefined ? {} : { ca: clients.certificatePem, requestCert: true, rejectUnauthorized: true }),
    },
    (request, response) => {
      requests.push(request);
      const { socket } = request;
      if (socket instanceof TLSSocket) presented.push(String(socket.getPeerCertificate().subject?.CN ?? "none"));
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(adminMe));
    },
  ).listen(0, "127.0.0.1");
  await once(listener, "listening");
  onTestFinished(() => {
    listener.closeAllConnections();
    listener.close();
  });
  return { port: portOf(listener.address()), requests, presented };
}

/** A forward proxy. */
export type ProxyEdge = {
  readonly port: number;
  /** What it was asked to connect to, with the authorization it was given. */
  readonly asked: readonly { readonly target: string; readonly authorization: string | undefined }[];
};

/** Starts one that connects every name to a port of the loopback address; with `credentials` only who gives them. */
export async function proxyEdge(targetPort: number, credentials?: string): Promise<ProxyEdge> {
  const asked: { target: string; authorization: string | undefined }[] = [];
  const listener = createHttpServer((_, response) => void response.writeHead(400).end());
  const wanted = credentials === undefined ? undefined : `Basic ${Buffer.from(credentials).toString("base64")}`;
  listener.on("connect", (request: IncomingMessage, client) => {
    const authorization = request.headers["proxy-authorization"];
    asked.push({ target: request.url ?? "", authorization });
    if (wanted !== undefined && authorization !== wanted) {
      client.end("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    const target = connect(targetPort, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      target.pipe(client).pipe(target);
    });
    for (const socket of [target, client]) socket.on("error", () => void [target.destroy(), client.destroy()]);
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  onTestFinished(() => {
    listener.closeAllConnections();
    listener.close();
  });
  return { port: portOf(listener.address()), asked };
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === "object" && address !== null ? address.port : 0;
}
