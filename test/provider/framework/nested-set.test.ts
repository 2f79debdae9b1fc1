import { describe, expect, test } from "vitest";
import { isUnknown, unknown, type Value } from "../../../provider/framework/index.ts";
import { capabilities, errorsOf, serverConfig, startWith } from "./terraform-rules.ts";

const rule = (port: Value, more: object = {}) => ({
  port,
  protocol: null,
  idle: null,
  note: null,
  rule_id: null,
  ...more,
});
const rulesOf = (state: Value): readonly { readonly port: number; readonly rule_id: Value }[] => Object(state).rules;

describe("a set of objects", () => {
  test("keeps what the provider computed of each element, whatever the order and whatever comes beside it", async () => {
    const core = await startWith({});
    const state = await core.apply(null, serverConfig({ rules: [rule(80), rule(443)] }));
    const idOf80 = rulesOf(state).find(({ port }) => port === 80)?.rule_id;
    const { planned } = await core.plan(state, serverConfig({ rules: [rule(22), rule(443), rule(80)] }));
    const plannedRules = rulesOf(planned);
    expect(plannedRules.find(({ port }) => port === 80)?.rule_id).toBe(idOf80);
    expect(isUnknown(plannedRules.find(({ port }) => port === 22)?.rule_id)).toBe(true);
    expect((await core.plan(state, serverConfig({ rules: [rule(443), rule(80)] }))).planned).toEqual(
      expect.objectContaining({ revision: 1 }),
    );
  });

  test("has the defaults of its elements, and no diff for what is spelled otherwise", async () => {
    const core = await startWith({});
    const config = serverConfig({ rules: [rule(80, { idle: "60m" })] });
    const state = await core.apply(null, config);
    expect(rulesOf(state)[0]).toMatchObject({ protocol: "tcp", idle: "60m", note: "none" });
    const spelled = serverConfig({ rules: [rule(80, { idle: "1h" })] });
    expect(await core.server.planResourceChange(planRequest(state, spelled), core.signal)).toMatchObject({
      plannedState: state,
      diagnostics: [],
    });
  });

  test("gives the element with the most details its prior first", async () => {
    const core = await startWith({});
    const state = await core.apply(null, serverConfig({ rules: [rule(80, { note: "x" }), rule(80)] }));
    const { planned } = await core.plan(
      state,
      serverConfig({ name: "db", rules: [rule(80), rule(80, { note: "x" })] }),
    );
    expect(new Set(rulesOf(planned).map(({ rule_id }) => rule_id))).toEqual(
      new Set(rulesOf(state).map(({ rule_id }) => rule_id)),
    );
  });

  test("may be unknown, wholly or in parts", async () => {
    const core = await startWith({});
    expect(Object((await core.plan(null, serverConfig({ rules: unknown }))).planned).rules).toBe(unknown);
    const { planned } = await core.plan(null, serverConfig({ rules: [rule(unknown)] }));
    expect(rulesOf(planned)[0]).toMatchObject({ port: unknown, protocol: "tcp" });
  });

  test("shows a fault inside at an element, whose key nobody can say", async () => {
    const core = await startWith({});
    const config = serverConfig({ rules: [rule(null)] });
    const request = { typeName: "acme_server", config, clientCapabilities: capabilities };
    expect(errorsOf(await core.server.validateResourceConfig(request, core.signal))).toEqual([
      "rules[*].port: Missing required attribute",
    ]);
  });
});

function planRequest(priorState: Value, config: Value) {
  return {
    typeName: "acme_server",
    priorState,
    proposedNewState: {
      ...Object(priorState),
      ...Object.fromEntries(Object.entries(Object(config)).filter(([, v]) => v !== null)),
    },
    config,
    priorPrivate: new Uint8Array(),
    clientCapabilities: capabilities,
  };
}
