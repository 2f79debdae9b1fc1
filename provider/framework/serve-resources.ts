import { applyResource } from "./apply-resource.ts";
import { type CallRunner, validate } from "./call-runner.ts";
import { planResource } from "./plan-resource.ts";
import type { WithDiagnostics } from "./provider-server.ts";
import { importResource, readResource } from "./read-resource.ts";
import type { Resource } from "./resource.ts";
import type { ResourceCall } from "./resource-call.ts";
import type { ResourceServer } from "./resource-server.ts";
import { splitTimeouts } from "./timeouts.ts";
import { upgradeState } from "./upgrade-state.ts";
import type { Value } from "./value.ts";

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
      const failed = { newState: request.currentState, private: request.private };
      return answerFor(request.typeName, signal, failed, (call) => readResource(call, request));
    },
    planResourceChange: (request, signal) => {
      const { priorState, priorPrivate } = request;
      const failed = { plannedState: priorState, requiresReplace: [], plannedPrivate: priorPrivate };
      return answerFor(request.typeName, signal, failed, (call) => planResource(call, request));
    },
    applyResourceChange: (request, signal) => {
      const failed = { newState: request.priorState, private: request.plannedPrivate };
      return answerFor(request.typeName, signal, failed, (call) => applyResource(call, request));
    },
    importResourceState: (request, signal) =>
      answerFor(request.typeName, signal, { importedResources: [] }, (call) => importResource(call, request)),
  };
}
