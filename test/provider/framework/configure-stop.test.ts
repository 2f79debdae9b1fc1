import { once } from "node:events";
import { describe, expect, test } from "vitest";
import {
  createProviderServer,
  defineProvider,
  defineSchema,
  type Provider,
  type ProviderServer,
} from "../../../provider/framework/index.ts";
import { acme, emptyWorld, type ServerDefinition, serverResource, settle } from "./acme.ts";
import { capabilities, errorsOf, noBytes, serverConfig, startCore } from "./terraform-rules.ts";

describe("configureProvider", () => {
  const { signal } = new AbortController();
  const nothing = defineSchema({ description: "Nothing.", attributes: {} });

  function configure(server: ProviderServer, config: { readonly [name: string]: string | null } = {}) {
    return server.configureProvider({ terraformVersion: "1.11.4", config, clientCapabilities: capabilities }, signal);
  }

  function provider(configureWith: () => null | undefined): Provider<null> {
    return defineProvider({ name: "acme", version: "1", schema: nothing, configure: configureWith, resources: [] });
  }

  test("that fails withholds the provider's own secrets and leaves resources without client", async () => {
    const server = createProviderServer(acme(emptyWorld()));
    const answer = await configure(server, { endpoint: "https://down", api_token: "hunter2-token" });
    expect(answer.diagnostics).toEqual([
      { severity: "error", summary: "No answer", detail: "Refused (sensitive value)." },
    ]);
    const read = await server.readResource(
      { typeName: "acme_server", currentState: serverConfig(), private: noBytes, clientCapabilities: capabilities },
      signal,
    );
    expect(errorsOf(read)).toEqual([": Could not read acme_server"]);
  });

  test("that throws is a diagnostic", async () => {
    const broken = provider(() => {
      throw new Error("no certificate");
    });
    expect((await configure(createProviderServer(broken))).diagnostics[0]?.detail).toBe("no certificate");
  });

  test("that makes nothing of a known configuration is a bug of the provider", async () => {
    const answer = await configure(createProviderServer(provider(() => undefined)));
    expect(answer.diagnostics[0]?.detail).toContain("bug in the provider");
    expect((await configure(createProviderServer(provider(() => null)))).diagnostics).toEqual([]);
  });

  test("gets the Terraform version and the configuration as the schema shapes it", async () => {
    const seen: unknown[] = [];
    const { configure: original, ...rest } = acme(emptyWorld());
    const server = createProviderServer({
      ...rest,
      configure: async (request) => {
        seen.push(request);
        return original(request);
      },
    });
    await configure(server, { endpoint: "https://acme" });
    expect(seen).toMatchObject([{ terraformVersion: "1.11.4", config: { endpoint: "https://acme", api_token: null } }]);
  });
});

describe("stop and cancellation", () => {
  /** A create that waits for its signal, and says when it has started. */
  function waitingCreate(finish: ServerDefinition["create"]) {
    const started = Promise.withResolvers<void>();
    const create: ServerDefinition["create"] = async (request) => {
      const aborted = once(request.signal, "abort");
      started.resolve();
      await aborted;
      return finish(request);
    };
    return { create, started: started.promise };
  }

  const config = serverConfig();

  async function begin(create: ServerDefinition["create"], signal: AbortSignal) {
    const core = await startCore(acme(emptyWorld(), serverResource({ create })));
    const { planned } = await core.plan(null, config);
    const request = {
      typeName: "acme_server",
      priorState: null,
      plannedState: planned,
      config,
      plannedPrivate: noBytes,
    };
    return { server: core.server, answer: core.server.applyResourceChange(request, signal) };
  }

  test("stop aborts what is under way; a handler that finishes cleanly is recorded", async () => {
    const { create, started } = waitingCreate(async ({ plan }) => settle(plan, "finished", 1));
    const { server, answer } = await begin(create, new AbortController().signal);
    await started;
    await server.stop();
    expect(await answer).toMatchObject({ newState: { id: "finished" }, diagnostics: [] });
  });

  test("a handler that gives up is told as a cancellation, with what it saved", async () => {
    const { create, started } = waitingCreate(async ({ plan, signal, saveState }) => {
      saveState(settle(plan, "half-made", 1));
      signal.throwIfAborted();
      throw new Error("never here");
    });
    const { server, answer } = await begin(create, new AbortController().signal);
    await started;
    await server.stop();
    const { newState, diagnostics } = await answer;
    expect(newState).toMatchObject({ id: "half-made" });
    expect(diagnostics[0]?.detail).toContain("cancelled");
  });

  test("the end of one call aborts that call only", async () => {
    const controller = new AbortController();
    const { create, started } = waitingCreate(async ({ signal }) => Promise.reject(signal.reason));
    const { server, answer } = await begin(create, controller.signal);
    await started;
    controller.abort();
    expect((await answer).diagnostics[0]?.detail).toContain("cancelled");
    expect((await server.getProviderSchema(new AbortController().signal)).diagnostics).toEqual([]);
  });

  test("calls after stop are answered, with a signal that is aborted already", async () => {
    const aborted: boolean[] = [];
    const core = await startCore(
      acme(
        emptyWorld(),
        serverResource({
          create: async ({ plan, signal }) => {
            aborted.push(signal.aborted);
            return settle(plan, "a", 1);
          },
        }),
      ),
    );
    await core.server.stop();
    await core.apply(null, config);
    expect(aborted).toEqual([true]);
  });
});

test("close closes the configured client once", async () => {
  const closed: unknown[] = [];
  const world = emptyWorld();
  const { server } = await startCore({ ...acme(world), close: (client) => void closed.push(client) });
  await server.close();
  await server.close();
  expect(closed).toEqual([world]);
});

test("many calls at once do not mix their diagnostics", async () => {
  const core = await startCore(
    acme(
      emptyWorld(),
      serverResource({
        create: async ({ plan, diagnostics }) => {
          await Promise.resolve();
          diagnostics.warn(plan.name, "Only mine.");
          return settle(plan, plan.name, 1);
        },
      }),
    ),
  );
  const names = Array.from({ length: 50 }, (_, index) => `n${index}`);
  const answers = await Promise.all(
    names.map(async (name) => {
      const wanted = serverConfig({ name });
      const { planned } = await core.plan(null, wanted);
      const request = {
        typeName: "acme_server",
        priorState: null,
        plannedState: planned,
        config: wanted,
        plannedPrivate: noBytes,
      };
      return core.server.applyResourceChange(request, core.signal);
    }),
  );
  expect(answers.map(({ diagnostics }) => diagnostics.map(({ summary }) => summary))).toEqual(
    names.map((name) => [name]),
  );
});
