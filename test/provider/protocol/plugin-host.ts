/** The example provider as a process, with the host's side of the harness. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { HostCertificate } from "../../../provider/testing/host-certificate.ts";
import { inheritedEnvironment } from "../../../provider/testing/inherited-environment.ts";
import { hostEnvironment, type PluginProcess, startPluginProcess } from "../../../provider/testing/plugin-process.ts";

const main = fileURLToPath(new URL("./fixtures/main.ts", import.meta.url));

/** The cookie of every plugin host. */
export const cookie = hostEnvironment()["TF_PLUGIN_MAGIC_COOKIE"];

/** A provider process. */
export interface ProviderProcess extends PluginProcess {
  /** A folder of its own: the world, and the place for its socket. */
  readonly folder: string;
}

/** Starts the example provider with exactly these environment variables, besides PATH and its folder. */
export function startProcess(environment: NodeJS.ProcessEnv, wrapper: readonly string[] = []): ProviderProcess {
  const folder = mkdtempSync(join(tmpdir(), "acme-"));
  const [program = process.execPath, ...parameters] = [...wrapper, process.execPath, main];
  const variables = { ...inheritedEnvironment(), TMPDIR: folder, ACME_FOLDER: folder, ...environment };
  const started = startPluginProcess([program, ...parameters], variables);
  return {
    ...started,
    folder,
    [Symbol.asyncDispose]: async () => {
      await started[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Starts the example provider as Terraform does, and reads its handshake. One that ends instead has an empty one. */
export async function startProvider(
  certificate: HostCertificate,
  environment: NodeJS.ProcessEnv = {},
  wrapper: readonly string[] = [],
) {
  const provider = startProcess({ ...hostEnvironment(certificate), TF_LOG_PROVIDER: "trace", ...environment }, wrapper);
  const handshake = await provider
    .handshake()
    .catch(() => ({ line: "", network: "", address: "", certificatePem: "" }));
  return Object.assign(provider, { handshake });
}

/** Waits until `isTrue`, looking every 20 ms; fails after `limitMs`. */
export async function until(isTrue: () => boolean, limitMs = 20_000): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error(`Not within ${limitMs} ms: ${isTrue}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
