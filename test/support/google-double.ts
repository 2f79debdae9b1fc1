/** Google Secret Manager as its description and documentation have it, in memory, behind gRPC and TLS on the loopback address. */

import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import type { ServiceClientConstructor } from "@grpc/grpc-js";
import { createHostCertificate } from "../../provider/testing/host-certificate.ts";
import { readGoogleDescription } from "./google-description.ts";
import { createGoogleAccount, type GoogleAccount } from "./google-identity.ts";
import { GoogleProblem, type GoogleRequest, GoogleSecrets } from "./google-secrets.ts";
import { makeFolder } from "./temporary-folder.ts";

/** The double. */
export type GoogleDouble = {
  /** Host and port. */
  readonly endpoint: string;
  /** What signed its certificate, for whoever connects. */
  readonly certificatePem: string;
  readonly secrets: GoogleSecrets;
  /** Who may do everything. */
  readonly owner: GoogleAccount;
  /** An account that may do what its permissions say. */
  readonly accountWith: (permissions: readonly string[]) => GoogleAccount;
  /** Accepts a token that is not signed by an account as one of an account, as after an exchange. */
  readonly accept: (token: string, account: GoogleAccount) => void;
  /** Sees each request of a method first; a code it gives is the answer. */
  readonly interfere: (look: ((method: string, request: GoogleRequest) => number | undefined) | undefined) => void;
  /** What points the provider at the double, as an account. */
  readonly environment: (account?: GoogleAccount) => Promise<Readonly<Record<string, string>>>;
  readonly close: () => Promise<void>;
};

const service = "google.cloud.secretmanager.v1.SecretManagerService";
/** The codes of gRPC that the double answers with of itself. */
const unauthenticated = 16;
const invalidArgument = 3;
const unimplemented = 12;

/** Starts the double on a free port. */
export async function startGoogleDouble(): Promise<GoogleDouble> {
  // A machine's own list of authorities would stand before the test's; gRPC reads the name of it once, when it is loaded.
  delete process.env["GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"];
  const { loadPackageDefinition, Server, ServerCredentials } = await import("@grpc/grpc-js");
  const description = await readGoogleDescription();
  const secrets = new GoogleSecrets();
  const accounts: GoogleAccount[] = [];
  const exchanged = new Map<string, GoogleAccount>();
  let look: ((method: string, request: GoogleRequest) => number | undefined) | undefined;
  const callerOf = (header: string) => {
    const token = header.replace(/^Bearer /, "");
    return exchanged.get(token) ?? accounts.find(({ isSignedByIt }) => isSignedByIt(token));
  };
  const answer = (method: string, request: GoogleRequest, authorization: string) => {
    const caller = callerOf(authorization);
    if (caller === undefined) throw new GoogleProblem(unauthenticated, "who is that?");
    const fault = description.fault(method, request);
    if (fault !== undefined) throw new GoogleProblem(invalidArgument, fault);
    const given = look?.(method, request);
    if (given !== undefined) throw new GoogleProblem(given, "interfered");
    return secrets.answer(method, request, caller.permissions);
  };

  const server = new Server();
  const methods = description.definition[service];
  if (methods === undefined) throw new Error("Google's description has no Secret Manager.");
  const client = loadPackageDefinition({ [service]: methods });
  server.addService(serviceOf(client).service, handlers(Object.keys(methods), answer));
  const { certificatePem, privateKeyPem } = createHostCertificate();
  const keys = [{ private_key: Buffer.from(privateKeyPem), cert_chain: Buffer.from(certificatePem) }];
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createSsl(null, keys), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  const accountWith = (permissions: readonly string[]) => {
    const account = createGoogleAccount(`account-${accounts.length}`, permissions);
    accounts.push(account);
    return account;
  };
  const owner = accountWith(["*"]);
  const folder = await makeFolder();
  return {
    endpoint: `localhost:${port}`,
    certificatePem,
    secrets,
    owner,
    accountWith,
    accept: (token, account) => void exchanged.set(token, account),
    interfere: (next) => {
      look = next;
    },
    async environment(account = owner) {
      const [credentials, authorities] = [join(folder, `${account.email}.json`), join(folder, "authorities.pem")];
      await Promise.all([writeFile(credentials, account.credentials), writeFile(authorities, certificatePem)]);
      return {
        GOOGLE_APPLICATION_CREDENTIALS: credentials,
        GOOGLE_SECRET_MANAGER_CUSTOM_ENDPOINT: `https://localhost:${port}/`,
        METADATA_SERVER_DETECTION: "none",
        NODE_EXTRA_CA_CERTS: authorities,
      };
    },
    async close() {
      server.forceShutdown();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type Answer = (method: string, request: GoogleRequest, authorization: string) => object;

function handlers(names: readonly string[], answer: Answer) {
  return Object.fromEntries(
    names.map((name) => [
      name,
      (
        call: { request: GoogleRequest; metadata: { get(name: string): readonly unknown[] } },
        callback: (error: object | null, value?: object) => void,
      ) => {
        try {
          callback(null, answer(name, call.request, String(call.metadata.get("authorization")[0] ?? "")));
        } catch (error) {
          if (error instanceof GoogleProblem) callback({ code: error.code, details: error.message });
          else callback({ code: unimplemented, details: String(error) });
        }
      },
    ]),
  );
}

/** The package's only service, which lies below the names of its package. */
function serviceOf(loaded: object): ServiceClientConstructor {
  let found: unknown = loaded;
  for (const name of service.split(".")) {
    found =
      typeof found === "object" && found !== null
        ? Object.entries(found).find(([key]) => key === name)?.[1]
        : undefined;
  }
  if (!isService(found)) throw new Error("Google's description has no service.");
  return found;
}

function isService(value: unknown): value is ServiceClientConstructor {
  return typeof value === "function" && "service" in value;
}
