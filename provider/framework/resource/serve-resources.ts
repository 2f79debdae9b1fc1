import type { ResourceCall } from "../provider/call.ts";
import { type CallRunner, validate } from "../provider/call-runner.ts";
import type { WithDiagnostics } from "../provider/provider-server.ts";
import type { Identity } from "../schema/identity.ts";
import { splitTimeouts } from "../schema/timeouts.ts";
import type { Value } from "../values/value.ts";
import { applyResource } from "./apply-resource.ts";
import { generateConfig } from "./generate-config.ts";
import { importResource } from "./import-resource.ts";
import { moveState } from "./move-state.ts";
import { planResource } from "./plan-resource.ts";
import { readResource } from "./read-resource.ts";
import type { Resource } from "./resource.ts";
import type { ResourceServer, WireIdentity } from "./resource-server.ts";
import { upgradeIdentity } from "./upgrade-identity.ts";
import { upgradeState } from "./upgrade-state.ts";

/** The calls about managed resources. */
export function serveResources<Client>(
  resources: ReadonlyMap<string, Resource<Client>>,
  calls: CallRunner<Client>,
): ResourceServer {
  const answerFor = <T extends object>(
    typeName: string,
    signal: AbortSignal,
    failed: T,
    run: (call: ResourceCall<Client>) => T | Promise<T>,
  ): Promise<T & WithDiagnostics> =>
    calls.answerFor("resource type", resources, typeName, { signal, failed }, ({ definition, ...call }) =>
      run({ ...call, resource: definition }),
    );

  return {
    validateResourceConfig: (request, signal) =>
      answerFor(request.typeName, signal, {}, ({ resource, diagnostics }) => {
        const { writeOnlyAttributesAllowed } = request.clientCapabilities;
        const own = ({ config }: { readonly config: Value }): void =>
          resource.validate?.({ config: splitTimeouts(resource, config).own, diagnostics });
        const { schema } = resource;
        validate({ schema, validate: own }, request.config, writeOnlyAttributesAllowed, diagnostics);
        return {};
      }),
    upgradeResourceState: (request, signal) =>
      answerFor(request.typeName, signal, { upgradedState: null }, (call) => upgradeState(call, request)),
    readResource: (request, signal) => {
      const { currentState: newState, currentIdentity: newIdentity = null } = request;
      const failed = { newState, private: request.private, newIdentity };
      return answerFor(request.typeName, signal, failed, (call) => readResource(call, request));
    },
    planResourceChange: (request, signal) => {
      const { priorState: plannedState, priorPrivate: plannedPrivate, priorIdentity: plannedIdentity = null } = request;
      const failed = { plannedState, requiresReplace: [], plannedPrivate, plannedIdentity };
      return answerFor(request.typeName, signal, failed, (call) => planResource(call, request));
    },
    applyResourceChange: (request, signal) => {
      const { priorState: newState, plannedIdentity: newIdentity = null } = request;
      const failed = { newState, private: request.plannedPrivate, newIdentity };
      return answerFor(request.typeName, signal, failed, (call) => applyResource(call, request));
    },
    importResourceState: (request, signal) =>
      answerFor(request.typeName, signal, { importedResources: [] }, (call) => importResource(call, request)),
    moveResourceState: (request, signal) => {
      const failed = { targetState: null, targetPrivate: new Uint8Array(), targetIdentity: null };
      return answerFor(request.targetTypeName, signal, failed, (call) => moveState(call, request));
    },
    generateResourceConfig: (request, signal) =>
      answerFor(request.typeName, signal, { config: null }, (call) => generateConfig(call, request)),
    getResourceIdentitySchemas: async () => ({ identitySchemas: wireIdentities(resources), diagnostics: [] }),
    upgradeResourceIdentity: (request, signal) =>
      answerFor(request.typeName, signal, { upgradedIdentity: null }, (call) => upgradeIdentity(call, request)),
  };
}

function wireIdentities<Client>(resources: ReadonlyMap<string, Resource<Client>>): {
  readonly [typeName: string]: WireIdentity;
} {
  const identities = [...resources].flatMap(([typeName, { identity }]) =>
    identity === null ? [] : [[typeName, wireIdentity(identity)] as const],
  );
  return Object.fromEntries(identities);
}

function wireIdentity({ version, attributes }: Identity): WireIdentity {
  return {
    version,
    attributes: Object.entries(attributes).map(([name, definition]) => ({
      name,
      type: definition.type,
      requiredForImport: definition.requiredForImport === true,
      optionalForImport: definition.optionalForImport === true,
      description: definition.description,
    })),
  };
}
