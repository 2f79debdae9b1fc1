import { type CallRunner, validate } from "../provider/call-runner.ts";
import type { EphemeralResource } from "./ephemeral-resource.ts";
import type { EphemeralResourceServer, OpenEphemeralResourceResponse } from "./ephemeral-resource-server.ts";
import {
  closeEphemeralResource,
  notOpened,
  openEphemeralResource,
  renewEphemeralResource,
} from "./open-ephemeral-resource.ts";
import { equalBytes, type OpenedEphemeralResource, OpenedEphemeralResources } from "./opened-ephemeral-resources.ts";

const kind = "ephemeral resource type";

/** The calls about ephemeral resources, and the end of what Terraform left open. */
export interface EphemeralResourceCalls {
  readonly server: EphemeralResourceServer;
  /** Closes what was opened and not closed. What cannot be closed is logged; never throws. */
  closeRemaining(): Promise<void>;
}

/** Answers the calls about ephemeral resources. */
export function serveEphemeralResources<Client>(
  ephemeralResources: ReadonlyMap<string, EphemeralResource<Client>>,
  calls: CallRunner<Client>,
): EphemeralResourceCalls {
  const opened = new OpenedEphemeralResources<Client>();
  return {
    closeRemaining: async () => {
      await Promise.all(opened.takeAll().map((one) => closeForgotten(one, calls)));
    },
    server: {
      validateEphemeralResourceConfig: ({ typeName, config }, signal) =>
        calls.answerFor(kind, ephemeralResources, typeName, { signal, failed: {} }, ({ definition, diagnostics }) => {
          validate(definition, config, false, diagnostics);
          return {};
        }),
      openEphemeralResource: (request, signal) => {
        const failed: Omit<OpenEphemeralResourceResponse, "diagnostics"> = { result: null, private: notOpened };
        return calls.answerFor(kind, ephemeralResources, request.typeName, { signal, failed }, async (call) => {
          const answer = await openEphemeralResource(call, request);
          const isOpen = !equalBytes(answer.private, notOpened);
          if (isOpen) opened.add({ definition: call.definition, private: answer.private });
          return answer;
        });
      },
      renewEphemeralResource: (request, signal) => {
        const failed = { private: request.private };
        return calls.answerFor(kind, ephemeralResources, request.typeName, { signal, failed }, (call) =>
          renewEphemeralResource(call, request),
        );
      },
      closeEphemeralResource: (request, signal) => {
        opened.remove(request.typeName, request.private);
        return calls.answerFor(kind, ephemeralResources, request.typeName, { signal, failed: {} }, (call) =>
          closeEphemeralResource(call, request),
        );
      },
    },
  };
}

/** Nobody waits for the diagnostics of this: the log has them. */
async function closeForgotten<Client>(
  { definition, ...opened }: OpenedEphemeralResource<Client>,
  calls: CallRunner<Client>,
): Promise<void> {
  const { typeName } = definition;
  const { signal } = new AbortController();
  await calls.answer(signal, {}, `close ${typeName}`, async (call) => {
    call.log.debug("Closing what Terraform left open.", { tf_resource_type: typeName });
    await closeEphemeralResource({ ...call, definition }, { typeName, ...opened });
    for (const { summary, detail } of call.diagnostics.list()) call.log.error(summary, { detail });
    return {};
  });
}
