import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { cached } from "./cache.ts";
import { runCommand } from "./commands.ts";
import { makeFolder } from "./temporary-folder.ts";
import { unusedPort } from "./unused-port.ts";

/** The version of moto, and of the Python package that it is. */
const version = "5.2.1";
/** Its extra `server` installs what every service of AWS needs, some 300 MB; these are what ours need. */
const packages = [`moto[ssm]==${version}`, "flask==3.1.3", "flask-cors==6.0.2"];

/** An access key. */
export type AwsKey = { readonly accessKeyId: string; readonly secretAccessKey: string };

/** A moto server: the services of AWS in memory. */
export type Moto = {
  readonly endpoint: string;
  /** What the AWS SDK and the tools of AWS have to find in the environment to use it. */
  readonly environment: Readonly<Record<string, string>>;
  /** The access key in that environment. */
  readonly credentials: AwsKey;
  /** An access key of a user that may do only what a policy says, once {@link checkPolicies} was called. */
  keyWith(policy: object): Promise<AwsKey>;
  /** From now on checks the signature and the policy of each call, as AWS does; of policies, all but their resources. */
  checkPolicies(): Promise<void>;
  close(): Promise<void>;
};

/** Starts moto on a free port of the loopback address, after installing it once per machine. */
export async function startMoto(): Promise<Moto> {
  const installed = await install();
  const folder = await makeFolder();
  const port = await unusedPort();
  const endpoint = `http://127.0.0.1:${port}`;
  const environment = {
    HOME: folder,
    PATH: process.env["PATH"],
    PYTHONPATH: installed,
    INITIAL_NO_AUTH_ACTION_COUNT: "1000000000",
  };
  const program = "from moto.server import main; main()";
  const args = ["-c", program, "-H", "127.0.0.1", "-p", String(port)];
  const child = spawn("python3", args, { cwd: folder, env: environment, stdio: "ignore" });
  const credentials = { accessKeyId: "AKIATEST", secretAccessKey: `secret-${randomBytes(12).toString("hex")}` };
  const moto: Moto = {
    endpoint,
    credentials,
    environment: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_EC2_METADATA_DISABLED: "true",
    },
    async keyWith(policy) {
      const name = `user-${randomBytes(4).toString("hex")}`;
      await callIam(endpoint, { Action: "CreateUser", UserName: name });
      const document = JSON.stringify(policy);
      await callIam(endpoint, { Action: "PutUserPolicy", UserName: name, PolicyName: "own", PolicyDocument: document });
      return parseAccessKey(await callIam(endpoint, { Action: "CreateAccessKey", UserName: name }));
    },
    async checkPolicies() {
      const response = await fetch(`${endpoint}/moto-api/reset-auth`, { method: "POST", body: "0" });
      if (!response.ok) throw new Error(`moto: ${response.status}`);
    },
    async close() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGKILL");
        await once(child, "exit");
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
  await untilReady(moto, () => child.exitCode !== null);
  return moto;
}

async function untilReady(moto: Moto, hasEnded: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 120_000; Date.now() < deadline && !hasEnded(); await sleep(50)) {
    const isReady = await fetch(`${moto.endpoint}/moto-api/data.json`).then(
      (response) => response.ok,
      () => false,
    );
    if (isReady) return;
  }
  await moto.close();
  throw new Error("moto did not start.");
}

/** Packages for one version of Python fit no other, so the folder is named after it. */
async function install(): Promise<string> {
  const options = { environment: process.env, timeoutMs: 300_000 };
  const print = "import sys; print('%d.%d' % sys.version_info[:2], end='')";
  const python = await runCommand("python3", ["-c", print], { cwd: process.cwd(), ...options });
  return cached(`moto-${version}-python-${python.output.trim()}`, async (folder) => {
    const args = ["-m", "pip", "install", "--quiet", "--only-binary=:all:", "--target", folder, ...packages];
    const result = await runCommand("python3", args, { cwd: folder, ...options });
    if (result.exitCode !== 0) throw new Error(`moto could not be installed by pip:\n${result.output}`);
  });
}

/** Calls the identity service, whose signatures moto does not check at first. */
async function callIam(endpoint: string, parameters: Readonly<Record<string, string>>): Promise<string> {
  const scope = "Credential=AKIATEST/20260101/us-east-1/iam/aws4_request";
  const response = await fetch(endpoint, {
    method: "POST",
    headers: { Authorization: `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=none` },
    body: new URLSearchParams({ Version: "2010-05-08", ...parameters }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`moto: ${response.status} ${text}`);
  return text;
}

function parseAccessKey(answer: string): AwsKey {
  const [, accessKeyId] = /<AccessKeyId>([^<]+)</.exec(answer) ?? [];
  const [, secretAccessKey] = /<SecretAccessKey>([^<]+)</.exec(answer) ?? [];
  if (accessKeyId === undefined || secretAccessKey === undefined) throw new Error("moto issued no access key.");
  return { accessKeyId, secretAccessKey };
}
