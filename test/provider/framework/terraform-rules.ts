/** Terraform's side of the protocol as far as the framework must agree with it, after its rules for proposed states and plans. */
import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import {
  createProviderServer,
  type Diagnostic,
  formatPath,
  isUnknown,
  type Provider,
  type ProviderServer,
  unknown,
  type Value,
} from "../../../provider/framework/index.ts";
import type { Schema } from "../../../provider/framework/schema/schema.ts";
import { acme, emptyWorld, type ServerDefinition, serverResource, serverSchema, type World } from "./acme.ts";

type Attributes = Schema["attributes"];
type ObjectOf = { readonly [name: string]: Value };
export const noBytes: Uint8Array = new Uint8Array();
export const capabilities = { deferralAllowed: false, writeOnlyAttributesAllowed: true };
const typeName = "acme_server";

/** Terraform driving one instance of `acme_server`. */
export interface Core {
  readonly server: ProviderServer;
  readonly signal: AbortSignal;
  /** Plans a configuration and checks the plan as Terraform does. Null destroys. */
  plan(state: Value, config: Value): Promise<Plan>;
  /** Plans and applies, replacing where the plan says so, and checks the outcome as Terraform does. */
  apply(state: Value, config: Value): Promise<Value>;
}

export interface Plan {
  readonly planned: Value;
  readonly requiresReplace: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Starts and configures a provider. */
export async function startCore<Client>(provider: Provider<Client>): Promise<Core> {
  const server = createProviderServer(provider);
  const { signal } = new AbortController();
  const config = { endpoint: "https://acme", api_token: "top-secret-token" };
  const request = { terraformVersion: "1.11.4", config, clientCapabilities: capabilities };
  expect(errorsOf(await server.configureProvider(request, signal))).toEqual([]);
  const driven = { server, signal, attributes: provider.resources.get(typeName)?.schema.attributes ?? {} };
  const plan: Core["plan"] = (state, wanted) => planWith(driven, state, wanted);
  return { server, signal, plan, apply: (state, wanted) => applyWith(driven, state, wanted) };
}

/** A whole configuration of `acme_server`: the required attributes, those given, and null. */
export function serverConfig(given: ObjectOf = {}): ObjectOf {
  const required = { name: "web", size: "small", region: "eu" };
  const nulls = Object.fromEntries(Object.keys(serverSchema.attributes).map((name) => [name, null]));
  return { ...nulls, ...required, ...given };
}

/** The errors among the diagnostics of an answer, as `path: summary`. */
export function errorsOf({ diagnostics }: { readonly diagnostics: readonly Diagnostic[] }): readonly string[] {
  return diagnostics
    .filter(({ severity }) => severity === "error")
    .map(({ attribute, summary }) => `${formatPath(attribute ?? [])}: ${summary}`);
}

interface Driven extends Pick<Core, "server" | "signal"> {
  /** Those of `acme_server`. */
  readonly attributes: Attributes;
}

async function planWith(driven: Driven, state: Value, config: Value): Promise<Plan> {
  const { server, signal, attributes } = driven;
  const answer = await server.planResourceChange(
    {
      typeName,
      priorState: state,
      proposedNewState: config === null ? null : proposedNew(attributes, state, config),
      config,
      priorPrivate: noBytes,
      clientCapabilities: capabilities,
    },
    signal,
  );
  const { plannedState: planned, diagnostics } = answer;
  if (errorsOf(answer).length === 0) assertPlanValid(attributes, config, planned, "");
  return { planned, diagnostics, requiresReplace: answer.requiresReplace.map(formatPath) };
}

async function applyWith(driven: Driven, state: Value, config: Value): Promise<Value> {
  const { server, signal } = driven;
  const first = await planWith(driven, state, config);
  expect(errorsOf(first)).toEqual([]);
  const replaces = state !== null && config !== null && first.requiresReplace.length > 0;
  if (replaces) return applyWith(driven, await applyWith(driven, state, null), config);
  const answer = await server.applyResourceChange(
    { typeName, priorState: state, plannedState: first.planned, config, plannedPrivate: noBytes },
    signal,
  );
  expect(errorsOf(answer)).toEqual([]);
  assertCompatible(first.planned, answer.newState, "");
  return answer.newState;
}

/** Terraform's merge of a configuration and a prior state. */
export function proposedNew(attributes: Attributes, prior: Value, config: Value): Value {
  if (config === null || isUnknown(config)) return config;
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { computed, nested }]) => {
      const wanted = member(config, name);
      const before = member(prior, name);
      if (wanted === null) return [name, computed ? before : null];
      if (nested === undefined || isUnknown(wanted)) return [name, wanted];
      if (nested.nesting === "single") return [name, proposedNew(nested.attributes, before, wanted)];
      if (nested.nesting === "set" && Array.isArray(wanted)) {
        // Reversed, because a set has no order.
        const free = new Set(Array.isArray(before) ? before : []);
        const merged = wanted.map((part) => {
          const match = [...free].find((candidate) => isFrom(nested.attributes, part, candidate));
          free.delete(match);
          return proposedNew(nested.attributes, match ?? null, part);
        });
        return [name, merged.toReversed()];
      }
      if (Array.isArray(wanted)) {
        return [name, wanted.map((part, index) => proposedNew(nested.attributes, member(before, index), part))];
      }
      const parts = Object.entries(wanted).map(([key, part]) => {
        return [key, proposedNew(nested.attributes, member(before, key), part)] as const;
      });
      return [name, Object.fromEntries(parts)];
    }),
  );
}

/** Whether an element of a set can have come from this configuration. */
function isFrom(attributes: Attributes, config: Value, element: Value): boolean {
  return Object.entries(attributes).every(([name, { computed }]) => {
    const wanted = member(config, name);
    return (wanted === null && computed) || isDeepStrictEqual(wanted, member(element, name));
  });
}

function member(value: Value, key: string | number): Value {
  if (value === null || typeof value !== "object") return null;
  if (isUnknown(value)) return unknown;
  return Object.entries(value).find(([name]) => name === String(key))?.[1] ?? null;
}

/** A plan takes what is configured as it is, leaves what is not at null, and decides only what is computed. */
function assertPlanValid(attributes: Attributes, config: Value, planned: Value, at: string): void {
  if (config === null || isUnknown(config)) {
    expect(planned, at).toEqual(config);
    return;
  }
  for (const [name, { computed, nested, writeOnly }] of Object.entries(attributes)) {
    const wanted = member(config, name);
    const plan = member(planned, name);
    const place = `${at}.${name}`;
    if (writeOnly) expect(plan, place).toBeNull();
    else if (wanted === null) expect(computed || plan === null, `${place} is not computed`).toBe(true);
    else if (nested === undefined || isUnknown(wanted)) expect(plan, place).toEqual(wanted);
    else if (nested.nesting === "single") assertPlanValid(nested.attributes, wanted, plan, place);
    else if (nested.nesting === "set" && Array.isArray(wanted) && Array.isArray(plan)) {
      expect(plan.length, place).toBe(wanted.length);
      for (const part of wanted) {
        expect(isUnknown(part) || plan.some((element) => isFrom(nested.attributes, part, element)), place).toBe(true);
      }
    } else {
      expect(Object.keys(plan ?? {}), place).toEqual(Object.keys(wanted));
      for (const key of Object.keys(wanted)) {
        assertPlanValid(nested.attributes, member(wanted, key), member(plan, key), `${place}.${key}`);
      }
    }
  }
}

/** A new state has the planned value wherever one was planned, and nothing unknown. */
function assertCompatible(planned: Value, actual: Value, at: string): void {
  expect(isUnknown(actual), `${at} is known`).toBe(false);
  if (isUnknown(planned)) return;
  if (planned === null || typeof planned !== "object") {
    expect(actual, at).toEqual(planned);
    return;
  }
  expect(Object.keys(actual ?? {}), at).toEqual(Object.keys(planned));
  for (const key of Object.keys(planned)) assertCompatible(member(planned, key), member(actual, key), `${at}.${key}`);
}

/** Terraform driving a provider whose `acme_server` has these handlers instead of its own. */
export async function startWith(handlers: Partial<ServerDefinition>, world: World = emptyWorld()): Promise<Core> {
  return startCore(acme(world, serverResource(handlers)));
}

/** Plans and applies without expecting success. */
export async function tryApply(core: Core, state: Value, config: Value, plannedPrivate: Uint8Array = noBytes) {
  const { planned } = await core.plan(state, config);
  const request = { typeName, priorState: state, plannedState: planned, config, plannedPrivate };
  return core.server.applyResourceChange(request, core.signal);
}
