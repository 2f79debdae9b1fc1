import { checkResult, expectedResult } from "../data-source/result.ts";
import { attempt, type Call, receive } from "../provider/call.ts";
import { StoredPrivateState } from "../resource/private-state.ts";
import { secretsIn } from "../schema/attribute-values.ts";
import { conform } from "../values/conform.ts";
import { isWhollyKnown, type Value } from "../values/value.ts";
import type { EphemeralResource, Opened } from "./ephemeral-resource.ts";
import type {
  CloseEphemeralResourceRequest,
  OpenEphemeralResourceRequest,
  OpenEphemeralResourceResponse,
  RenewEphemeralResourceRequest,
  RenewEphemeralResourceResponse,
} from "./ephemeral-resource-server.ts";
import { equalBytes } from "./opened-ephemeral-resources.ts";

/** One call about an ephemeral resource. */
export interface EphemeralCall<Client> extends Call<Client> {
  readonly definition: EphemeralResource<Client>;
}

/** The private bytes of what was not opened, which {@link closeEphemeralResource} leaves alone. No private state encodes to them. */
export const notOpened = new TextEncoder().encode('"not opened"');

/**
 * Opens one ephemeral resource. While the provider block is not known it answers as Terraform itself does for an unknown
 * configuration, the result is unknown and nothing was opened; for OpenTofu, which takes no such result, it is an error.
 */
export async function openEphemeralResource<Client>(
  call: EphemeralCall<Client>,
  request: OpenEphemeralResourceRequest,
): Promise<Omit<OpenEphemeralResourceResponse, "diagnostics">> {
  const { definition, configuration, diagnostics } = call;
  const { schema, typeName } = definition;
  const nothing = { result: null, private: notOpened };
  const config = receive(schema, request.config, diagnostics);
  if (config === undefined || config === null) return nothing;
  const waits = configuration.current.status === "unknown";
  if (waits && refusesUnknown(request)) {
    const detail =
      "The provider block depends on values that are not known yet. Apply what they come from first, for example with -target, or name it in depends_on of the ephemeral resource: it is then opened during apply.";
    diagnostics.error(`Could not open ${typeName}`, detail);
    return nothing;
  }
  if (waits || !isWhollyKnown(config)) return { result: expectedResult(schema, config), private: notOpened };
  const configured = configuration.require(diagnostics, `open ${typeName}`);
  if (configured === undefined) return nothing;
  const privateState = new StoredPrivateState(new Uint8Array());
  const opened = await open(call, configured.client, config, privateState);
  if (opened !== undefined) return { ...opened, private: privateState.encode() };
  if (!privateState.isEmpty) await close(call, configured.client, privateState);
  return nothing;
}

/**
 * Terraform (1.11 to 1.15) takes a result that is unknown in part and says nothing of its capabilities in this call; OpenTofu 1.12
 * says them and takes no such result.
 */
function refusesUnknown({ clientCapabilities }: OpenEphemeralResourceRequest): boolean {
  return clientCapabilities.writeOnlyAttributesAllowed;
}

/** Keeps one open ephemeral resource valid. */
export async function renewEphemeralResource<Client>(
  call: EphemeralCall<Client>,
  request: RenewEphemeralResourceRequest,
): Promise<Omit<RenewEphemeralResourceResponse, "diagnostics">> {
  const { definition, configuration, diagnostics, log, signal } = call;
  const { typeName, renew } = definition;
  const unchanged = { private: request.private };
  const configured = configuration.require(diagnostics, `renew ${typeName}`);
  if (configured === undefined || renew === undefined) return unchanged;
  const privateState = new StoredPrivateState(request.private);
  const handlerRequest = { client: configured.client, signal, diagnostics, log, privateState };
  const done = await attempt(call, `renew ${typeName}`, () => renew(handlerRequest));
  if (done === undefined || diagnostics.hasErrors) return unchanged;
  return { ...validTime(call, done.result?.renewAt), private: privateState.encode() };
}

/** Closes one ephemeral resource. What was not opened needs no closing. */
export async function closeEphemeralResource<Client>(
  call: EphemeralCall<Client>,
  request: CloseEphemeralResourceRequest,
): Promise<object> {
  const { definition, configuration, diagnostics } = call;
  if (definition.close === undefined || equalBytes(request.private, notOpened)) return {};
  const configured = configuration.require(diagnostics, `close ${definition.typeName}`);
  if (configured !== undefined) await close(call, configured.client, new StoredPrivateState(request.private));
  return {};
}

async function open<Client>(
  call: EphemeralCall<Client>,
  client: Client,
  config: Value,
  privateState: StoredPrivateState,
): Promise<{ readonly result: Value; readonly renewAt?: Date } | undefined> {
  const { definition, diagnostics, log, signal } = call;
  const { schema, typeName } = definition;
  const run = (): Promise<Opened<typeof schema>> =>
    definition.open({ config, client, signal, diagnostics, log, privateState });
  const done = await attempt(call, `open ${typeName}`, run);
  if (done === undefined) return undefined;
  const raw: unknown = done.result.result;
  for (const secret of secretsIn(schema.attributes, conform(schema.type, raw, "handler").value)) {
    diagnostics.redact(secret);
  }
  const { state, bugs } = checkResult(schema, raw, typeName, config);
  diagnostics.add(...bugs);
  const time = validTime(call, done.result.renewAt);
  return diagnostics.hasErrors ? undefined : { result: state, ...time };
}

async function close<Client>(
  call: EphemeralCall<Client>,
  client: Client,
  privateState: StoredPrivateState,
): Promise<void> {
  const { definition, diagnostics, log, lastingSignal: signal } = call;
  const run = async (): Promise<void> => definition.close?.({ client, signal, diagnostics, log, privateState });
  await attempt({ ...call, signal }, `close ${definition.typeName}`, run);
}

/** A time Terraform can wait for, and that somebody answers to. */
function validTime<Client>(call: EphemeralCall<Client>, renewAt: Date | undefined): { readonly renewAt?: Date } {
  if (renewAt === undefined) return {};
  const { typeName, renew } = call.definition;
  const problem =
    renew === undefined ? "cannot be renewed" : Number.isNaN(renewAt.getTime()) ? "has no date" : undefined;
  if (problem === undefined) return { renewAt };
  call.diagnostics.error(
    `Invalid result of ${typeName}`,
    `It gave a renewAt but ${problem}. This is a bug in the provider.`,
  );
  return {};
}
