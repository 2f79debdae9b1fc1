/** What stands for AWS where it matters only who calls: it tells by which access key a call is signed, and gives credentials out. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** The double. */
export type AwsDouble = {
  readonly address: string;
  /** The access keys by which calls of Secrets Manager were signed, oldest first. */
  readonly callers: readonly string[];
  /** What asked for credentials, and by which proof, oldest first. */
  readonly askers: readonly string[];
  /** From now on whatever gives credentials refuses with this name. */
  refuseCredentials(name: string | undefined): void;
  close(): void;
};

/** Credentials that somebody gets, and the proof that they were got by. */
type Grant = { readonly asker: string; readonly answer: string; readonly refusal: (name: string) => string };

const expiration = new Date(Date.now() + 3_600_000);

/** Starts the double on a free port. An access key is named after the way it was got. */
export async function startAwsDouble(): Promise<AwsDouble> {
  const [callers, askers]: [string[], string[]] = [[], []];
  let refusedAs: string | undefined;
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await textOf(request);
    const { "x-amz-target": target, authorization = "" } = request.headers;
    const caller = /Credential=([^/]+)/.exec(authorization)?.[1] ?? "nobody";
    if (target !== undefined) {
      callers.push(caller);
      response.writeHead(400).end('{"__type":"ResourceNotFoundException"}');
      return;
    }
    if (request.method === "PUT") {
      response.writeHead(200, { "x-aws-ec2-metadata-token-ttl-seconds": "60" }).end("token of the instance");
      return;
    }
    const grant = request.method === "POST" ? grantRole(new URLSearchParams(body), caller) : grantKeys(request);
    askers.push(grant.asker);
    if (refusedAs === undefined) response.end(grant.answer);
    else response.writeHead(403).end(grant.refusal(refusedAs));
  }
  const server = createServer((request, response) => void answer(request, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const at = server.address();
  return {
    address: `http://127.0.0.1:${typeof at === "object" && at !== null ? at.port : 0}`,
    callers,
    askers,
    refuseCredentials: (name) => {
      refusedAs = name;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** What single sign-on, a container and an instance answer. */
function grantKeys({ url = "", headers }: IncomingMessage): Grant {
  const refusal = (name: string) => JSON.stringify({ __type: name, message: "canary" });
  const keys = (name: string) =>
    JSON.stringify({ Code: "Success", AccessKeyId: name, SecretAccessKey: "x", Token: "x", Expiration: expiration });
  if (url.startsWith("/federation/credentials")) {
    const roleCredentials = { accessKeyId: "SSO", secretAccessKey: "x", sessionToken: "x", expiration: +expiration };
    const asker = `sso with ${headers["x-amz-sso_bearer_token"]}`;
    return { asker, answer: JSON.stringify({ roleCredentials }), refusal };
  }
  if (!url.startsWith("/latest/"))
    return { asker: `container with ${headers.authorization}`, answer: keys("CONTAINER"), refusal };
  const asker = `instance with ${headers["x-aws-ec2-metadata-token"]}`;
  return { asker, answer: url.endsWith("/") ? "role-of-instance" : keys("INSTANCE"), refusal };
}

/** What the Security Token Service answers. */
function grantRole(parameters: URLSearchParams, caller: string): Grant {
  const action = parameters.get("Action") ?? "";
  const role = parameters.get("RoleArn")?.split("/").at(-1) ?? "";
  const keys = {
    AccessKeyId: `ROLE-${role}`,
    SecretAccessKey: "x",
    SessionToken: "x",
    Expiration: expiration.toJSON(),
  };
  const credentials = Object.entries(keys).map(([name, value]) => `<${name}>${value}</${name}>`);
  const result = `<${action}Result><Credentials>${credentials.join("")}</Credentials></${action}Result>`;
  return {
    asker: `${action} with ${parameters.get("WebIdentityToken") ?? caller}`,
    answer: `<${action}Response>${result}</${action}Response>`,
    refusal: (name) => `<ErrorResponse><Error><Code>${name}</Code><Message>canary</Message></Error></ErrorResponse>`,
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}
