import { describe, expect, test } from "vitest";
import {
  type ActionDefinition,
  attribute,
  defineAction,
  defineSchema,
  type InvokeActionEvent,
  unknown,
  type Value,
} from "../../../provider/framework/index.ts";
import { configured, readAll, unconfigured } from "./single-provider.ts";
import { capabilities, errorsOf } from "./terraform-rules.ts";

const ringSchema = defineSchema({
  description: "Rings.",
  attributes: {
    times: attribute.number({ required: true, description: "How often." }),
    code: attribute.string({ optional: true, sensitive: true, description: "Of the door." }),
  },
});
type Bells = string[];
type Ring = ActionDefinition<typeof ringSchema, Bells>;

const { signal } = new AbortController();
const actionType = "acme_ring";

function ring(handlers: Partial<Ring> = {}) {
  return defineAction<typeof ringSchema, Bells>({
    typeName: actionType,
    schema: ringSchema,
    invoke: async ({ config, client, progress }) => {
      for (let count = 1; count <= config.times; count += 1) {
        progress(`Ring ${count}, code ${config.code}`);
        await Promise.resolve();
        client.push("ring");
      }
    },
    ...handlers,
  });
}

async function invoke(handlers: Partial<Ring>, config: Value, endpoint?: Value): Promise<readonly InvokeActionEvent[]> {
  const server = await configured<Bells>([], { actions: [ring(handlers)] }, endpoint);
  return readAll(server.invokeAction({ actionType, config }, signal));
}

describe("an action", () => {
  const config = { times: 2, code: "hunter2" };

  test("tells its progress without secrets, and then that it is done", async () => {
    expect(await invoke({}, config)).toEqual([
      { progress: "Ring 1, code (sensitive value)" },
      { progress: "Ring 2, code (sensitive value)" },
      { completed: { diagnostics: [] } },
    ]);
  });

  test("tells its progress while it works", async () => {
    const heard = Promise.withResolvers<void>();
    const server = await configured<Bells>([], {
      actions: [
        ring({
          invoke: async ({ progress }) => {
            progress("Waiting.");
            await heard.promise;
          },
        }),
      ],
    });
    const events: InvokeActionEvent[] = [];
    for await (const event of server.invokeAction({ actionType, config }, signal)) {
      events.push(event);
      heard.resolve();
    }
    expect(events).toEqual([{ progress: "Waiting." }, { completed: { diagnostics: [] } }]);
  });

  test("that fails has told its progress, and ends with the reason", async () => {
    const events = await invoke(
      {
        invoke: async ({ progress }) => {
          progress("Trying.");
          throw new Error("No bell for hunter2.");
        },
      },
      config,
    );
    expect(events).toEqual([
      { progress: "Trying." },
      {
        completed: {
          diagnostics: [
            { severity: "error", summary: "Could not invoke acme_ring", detail: "No bell for (sensitive value)." },
          ],
        },
      },
    ]);
  });

  test("is validated by its schema and planned by itself", async () => {
    const plan: Ring["plan"] = async ({ config: { times }, client, diagnostics }) => {
      if (times === 0) diagnostics.error("Never", `Not even ${client.length}.`);
    };
    const server = await configured<Bells>([], { actions: [ring({ plan })] });
    const invalid = await server.validateActionConfig({ actionType, config: { times: null, code: null } }, signal);
    expect(errorsOf(invalid)).toEqual(["times: Missing required attribute"]);
    const planned = (times: Value) =>
      server.planAction({ actionType, config: { times, code: null }, clientCapabilities: capabilities }, signal);
    expect(errorsOf(await planned(0))).toEqual([": Never"]);
    expect(await planned(unknown)).toEqual({ diagnostics: [] });
  });

  test("of a provider that waits for its configuration is planned unseen, deferred where that is allowed, and not invoked", async () => {
    const plan: Ring["plan"] = async () => expect.unreachable();
    const server = await configured<Bells>([], { actions: [ring({ plan })] }, unknown);
    const request = { actionType, config, clientCapabilities: capabilities };
    expect(await server.planAction(request, signal)).toEqual({ diagnostics: [] });
    const clientCapabilities = { ...capabilities, deferralAllowed: true };
    expect(await server.planAction({ ...request, clientCapabilities }, signal)).toEqual({
      deferred: "provider configuration unknown",
      diagnostics: [],
    });
    const [end] = await invoke({}, config, unknown);
    expect(end).toMatchObject({ completed: { diagnostics: [{ summary: "Could not invoke acme_ring" }] } });
  });

  test("that does not exist, or is not known wholly, ends at once", async () => {
    const [unready] = await invoke({}, { times: unknown, code: null });
    expect(unready).toMatchObject({ completed: { diagnostics: [{ severity: "error" }] } });
    const server = unconfigured<Bells>([], { actions: [ring()] });
    const events = await readAll(server.invokeAction({ actionType: "acme_other", config }, signal));
    expect(events).toMatchObject([{ completed: { diagnostics: [{ summary: "Unknown action type" }] } }]);
  });

  test("has no computed attribute", () => {
    const schema = defineSchema({
      description: "A.",
      attributes: { id: attribute.string({ computed: true, description: "Id." }) },
    });
    expect(() => defineAction({ typeName: actionType, schema, invoke: async () => {} })).toThrow("no result");
  });
});
