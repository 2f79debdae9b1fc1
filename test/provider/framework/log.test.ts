import { describe, expect, test } from "vitest";
import { createProviderServer, type Log, type LogFields } from "../../../provider/framework/index.ts";
import { acme, emptyWorld, type ServerDefinition, serverResource, settle } from "./acme.ts";
import { capabilities, noBytes, serverConfig } from "./terraform-rules.ts";

const canary = "canary-4711";
const configured = { endpoint: "https://acme", api_token: `${canary}-provider` };
const secretConfig = serverConfig({ password: `${canary}-write-only`, api_key: `${canary}-sensitive` });

/** A log that keeps what it is told. */
function recordingLog() {
  const lines: { readonly level: string; readonly message: string; readonly fields: LogFields | undefined }[] = [];
  const at = (level: string) => (message: string, fields?: LogFields) => void lines.push({ level, message, fields });
  const log: Log = { trace: at("trace"), debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  return { log, lines };
}

/** Creates one server with these handlers, and returns what was logged. */
async function createWith(handlers: Partial<ServerDefinition>) {
  const { log, lines } = recordingLog();
  const server = createProviderServer(acme(emptyWorld(), serverResource(handlers)), { log });
  const { signal } = new AbortController();
  await server.configureProvider(
    { terraformVersion: "1.11.4", config: configured, clientCapabilities: capabilities },
    signal,
  );
  const typeName = "acme_server";
  const change = { typeName, priorState: null, config: secretConfig };
  const { plannedState } = await server.planResourceChange(
    { ...change, proposedNewState: secretConfig, priorPrivate: noBytes, clientCapabilities: capabilities },
    signal,
  );
  await server.applyResourceChange({ ...change, plannedState, plannedPrivate: noBytes }, signal);
  return lines;
}

describe("the log of a handler", () => {
  test("never shows sensitive or write-only values, nor those of the provider block, in text, fields, numbers or names", async () => {
    const lines = await createWith({
      modifyPlan: ({ config, log }) => log.trace(`Planned ${JSON.stringify(config)}`),
      create: async ({ plan, config, log }) => {
        const header = `Bearer ${configured.api_token}`;
        log.trace(`Sent ${header} ${JSON.stringify(config)}`, { url: encodeURI(`https://x?k=${config.api_key}`) });
        log.error("A name", { [String(config.password)]: true, password: config.password ?? "" });
        return settle(plan, "a", 1);
      },
    });
    expect(lines).toHaveLength(3);
    expect(JSON.stringify(lines)).not.toContain(canary);
    expect(lines[2]?.fields).toMatchObject({ password: "(sensitive value)", tf_resource_type: "acme_server" });
  });

  test("does not show what diagnostics.redact was told before, in any part of a text of several lines", async () => {
    const key = `-----BEGIN KEY-----\n${canary}-first-line-of-it\n${canary}-other-line-of-it\n-----END KEY-----`;
    const lines = await createWith({
      create: async ({ plan, log, diagnostics }) => {
        diagnostics.redact(key);
        diagnostics.redact("270571");
        log.info(key, { pin: 270_571, count: 3, isNew: true });
        for (const line of key.split("\n")) log.debug(line);
        return settle(plan, "a", 1);
      },
    });
    expect(JSON.stringify(lines)).not.toContain(canary);
    expect(lines[0]?.fields).toMatchObject({ pin: "(sensitive value)", count: 3, isNew: true });
  });
});
