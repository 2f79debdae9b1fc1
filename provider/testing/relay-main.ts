/**
 * What stands between Terraform and a provider while a step is armed: a plugin to the one, a host to the other. It hands every call
 * on as it is, and kills where it was told to. Started by the launcher: `relay-main.ts STEP-FILE REACHED-FILE PROVIDER`.
 */
import { appendFileSync, readFileSync } from "node:fs";
import { createServerCertificate } from "../protocol/certificate.ts";
import { type GrpcMethod, GrpcServer } from "../protocol/grpc-server.ts";
import { GrpcError, grpcStatus } from "../protocol/grpc-status.ts";
import { handshakeLine, readHostRequest } from "../protocol/handshake.ts";
import { HostWatch } from "../protocol/host-watch.ts";
import { listen } from "../protocol/listen.ts";
import { pluginServices } from "../protocol/plugin-services.ts";
import type { KillStep } from "./provider-under-test.ts";
import { type Plugin, startPlugin } from "./start-plugin.ts";

const [stepFile = "", reachedFile = "", provider = ""] = process.argv.slice(2);
const step = parseStep(readFileSync(stepFile, "utf8"));
const request = readHostRequest(process.env);
const certificate = createServerCertificate(new Date());
process.on("SIGINT", () => {}); // Ctrl-C is Terraform's to interpret
const plugin = await startPlugin([provider], {
  environment: process.env,
  onLog: (text) => void process.stderr.write(text),
});

const services = pluginServices(() => void plugin.shutDown().finally(() => process.exit()));
const server = new GrpcServer({
  findMethod: async (path) => services.get(path) ?? relayed(path),
  tls: { ...certificate, clientCertificatePem: request.clientCertificatePem },
  onMethodError: () => {},
  onRefused: () => {},
  onConnections: (open) => watch.connectionsChanged(open),
});
const watch = new HostWatch({ parentId: () => process.ppid, onGone: () => void endWith(plugin) });
const { address, remove } = await listen(server.listener, "unix", request);
process.on("exit", remove);
process.stdout.write(handshakeLine(address, certificate.certificateDer));

/** A method that the provider itself answers. */
function relayed(path: string): GrpcMethod {
  return {
    kind: "unary",
    async call(body) {
      const isStep = path === `/tfplugin6.Provider/${step.call}` && countOf(path) === (step.count ?? 1);
      if (isStep && step.moment === "before") await kill(plugin);
      const answer = await plugin.connection.call(path, body);
      if (isStep) await kill(plugin);
      if (answer.status === grpcStatus.ok) return answer.body;
      const status = Object.values(grpcStatus).find((known) => known === answer.status) ?? grpcStatus.unknown;
      throw new GrpcError(status, answer.message);
    },
  };
}

/** How often this call was made in the whole run, this time included: each provider process of a run has a relay of its own. */
function countOf(path: string): number {
  appendFileSync(reachedFile, `${path}\n`);
  return readFileSync(reachedFile, "utf8")
    .split("\n")
    .filter((line) => line === path).length;
}

/** Never resolves: whoever waits for an answer does not get one. */
async function kill({ processId, ended }: Plugin): Promise<never> {
  appendFileSync(reachedFile, "killed\n");
  if (step.victim === "terraform") process.kill(process.ppid, "SIGKILL");
  else {
    process.kill(processId, "SIGKILL");
    await ended;
    process.exit(1);
  }
  return new Promise<never>(() => {});
}

/** Terraform has gone: the provider notices that its own host goes, and ends when it has finished. */
async function endWith({ connection, ended }: Plugin): Promise<void> {
  connection.close();
  await ended;
  process.exit();
}

/** The launcher wrote it. */
function parseStep(json: string): KillStep {
  return JSON.parse(json) as KillStep;
}
