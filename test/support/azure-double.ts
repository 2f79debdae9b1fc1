/**
 * Azure as its descriptions have it, in memory, behind TLS on the loopback address: vaults and Microsoft Entra ID. Its hosts are
 * reached by their own names, through a proxy, so that a client needs no setting that it does not need elsewhere.
 */
import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { createServer as createProxy, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { createHostCertificate } from "../../provider/testing/host-certificate.ts";
import { asObject } from "../check/tree.ts";
import { type AzureApplication, AzureEntra, azureTenantId, createAzureApplication } from "./azure-entra.ts";
import { AzureVault, VaultProblem } from "./azure-vault.ts";
import { makeFolder } from "./temporary-folder.ts";

/** What a test does to a request instead of answering it; a number is a status of HTTP. One that is lost is done. */
export type Interference = number | "cut" | "garbage" | "silence" | "lost" | undefined;

/** The double. */
export type AzureDouble = {
  /** URL of the proxy that leads to it. */
  readonly proxy: string;
  /** What signed its certificate, for whoever connects. */
  readonly certificatePem: string;
  readonly vault: AzureVault;
  readonly entra: AzureEntra;
  /** Who may do everything. */
  readonly owner: AzureApplication;
  /** An application that may do what its data actions say. */
  readonly applicationWith: (actions: readonly string[]) => AzureApplication;
  /** Sees each request that is allowed to a vault before it is answered. */
  readonly interfere: (look: ((method: string, path: string) => Interference) | undefined) => void;
  /** Lets vaults ask for a token for something else than vaults. */
  readonly challengeFor: (resource: string | undefined) => void;
  /** The hosts that were asked. */
  readonly asked: Set<string>;
  /** What leads the provider to the double, as an application. */
  readonly environment: (application?: AzureApplication) => Promise<Readonly<Record<string, string>>>;
  readonly close: () => Promise<void>;
};

const vaults = ["my-vault.vault.azure.net", "my-vault.vault.azure.cn"];
const authority = "https://login.microsoftonline.com";
const authorities = ["login.microsoftonline.com", "login.partner.microsoftonline.cn", "login.chinacloudapi.cn"];

/** Starts the double on free ports. */
export async function startAzureDouble(): Promise<AzureDouble> {
  const vault = new AzureVault(`https://${vaults[0]}`);
  const entra = new AzureEntra();
  const asked = new Set<string>();
  let resource: string | undefined;
  let look: ((method: string, path: string) => Interference) | undefined;
  const certificate = createHostCertificate(undefined, Date.now(), [...vaults, ...authorities]);
  const { certificatePem } = certificate;
  const server = createServer({ key: certificate.privateKeyPem, cert: certificatePem }, (request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { host = "", authorization = "" } = request.headers;
    const body = await text(request);
    asked.add(host);
    const url = new URL(request.url ?? "", `https://${host}`);
    if (authorities.includes(host)) return send(response, ...entra.token(url.pathname, new URLSearchParams(body)));
    const caller = entra.callerOf(authorization);
    if (caller === undefined) return challenge(response, body, resource ?? `https://${host.replace(/^[^.]+\./, "")}`);
    const { method = "" } = request;
    const interference = look?.(method, url.pathname);
    if (interference !== undefined && interference !== "lost") return disturb(response, interference);
    try {
      const asks = {
        method,
        path: url.pathname,
        query: url.searchParams,
        body: body === "" ? {} : asObject(JSON.parse(body)),
      };
      const answered = vault.answer(asks, caller.actions);
      if (interference === "lost") return disturb(response, 500);
      send(response, 200, answered);
    } catch (error) {
      if (!(error instanceof VaultProblem)) throw error;
      send(response, error.status, problem(error.status, error.code));
    }
  }

  const proxy = createProxy((request, response) => {
    const url = new URL(request.url ?? "", "http://proxy");
    const isOfMachine = url.host === "169.254.169.254" && request.headers["metadata"] === "true";
    if (isOfMachine) send(response, ...entra.identityToken(url.pathname, url.searchParams, owner));
    else response.writeHead(400).end();
  });
  const sockets = new Set<Socket>();
  proxy.on("connect", (request: IncomingMessage, client: Socket) => {
    const [host = ""] = (request.url ?? "").split(":");
    if (![...vaults, ...authorities].includes(host)) return client.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    const upstream = connect(portOf(server.address()), "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      upstream.pipe(client).pipe(upstream);
    });
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", end).on("close", end);
    }
  });
  for (const one of [server, proxy]) {
    one.listen(0, "127.0.0.1");
    await once(one, "listening");
  }
  const applicationWith = (actions: readonly string[]) => {
    const application = createAzureApplication(actions);
    entra.applications.push(application);
    return application;
  };
  const owner = applicationWith(["*"]);
  const folder = await makeFolder();
  const proxyUrl = `http://127.0.0.1:${portOf(proxy.address())}`;
  return {
    proxy: proxyUrl,
    certificatePem,
    vault,
    entra,
    owner,
    applicationWith,
    interfere: (next) => {
      look = next;
    },
    challengeFor: (next) => {
      resource = next;
    },
    asked,
    async environment({ tenantId, clientId, clientSecret } = owner) {
      const certificates = join(folder, "authorities.pem");
      await writeFile(certificates, certificatePem);
      return {
        AZURE_TENANT_ID: tenantId,
        AZURE_CLIENT_ID: clientId,
        AZURE_CLIENT_SECRET: clientSecret,
        AZURE_TOKEN_CREDENTIALS: "EnvironmentCredential",
        HTTPS_PROXY: proxyUrl,
        NODE_EXTRA_CA_CERTS: certificates,
      };
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await Promise.all([server, proxy].map((one) => new Promise((resolve) => one.close(resolve))));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A request without a token is told where to get one, and must not have shown its body. */
function challenge(response: ServerResponse, body: string, resource: string): void {
  response.setHeader(
    "WWW-Authenticate",
    `Bearer authorization="${authority}/${azureTenantId}", resource="${resource}"`,
  );
  const [status, code] = body === "" ? [401, "Unauthorized"] : [400, "BodyBeforeChallenge"];
  send(response, status, problem(status, code));
}

/** As Key Vault has it: a code of the status, words, and the real code inside. */
function problem(status: number, code: string): object {
  const outer = status === 403 ? "Forbidden" : status === 409 ? "Conflict" : code;
  return { error: { code: outer, message: `In words: hunter2. ${code}`, innererror: { code } } };
}

function disturb(response: ServerResponse, how: Exclude<Interference, "lost" | undefined>): void {
  switch (how) {
    case "silence":
      return;
    case "cut":
      response.writeHead(200, { "content-length": "1000" }).write("{", () => response.destroy());
      return;
    case "garbage":
      response.writeHead(200, { "content-type": "application/json" }).end("hunter2");
      return;
    default:
      send(response, how, problem(how, "Interfered"));
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8" }).end(JSON.stringify(body));
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === "object" && address !== null ? address.port : 0;
}
