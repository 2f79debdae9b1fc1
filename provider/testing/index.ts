/**
 * Tests for providers, with real parts. It needs no test runner of its own: everything throws when it is not as it should be.
 *
 * - {@link createWorkspace}: a working directory in which a real Terraform or OpenTofu drives the provider.
 * - {@link startPlugin}: the provider's process and the host's end of the wire, for what no configuration can bring about.
 *
 * ```ts
 * import { createWorkspace } from "@orgtokens/provider/testing";
 *
 * await using workspace = await createWorkspace({
 *   provider: { name: "notes", command: [process.execPath, "/path/of/main.ts"] },
 * });
 * await workspace.write('resource "notes_note" "one" {\n  text = "Buy milk"\n}\n');
 * await workspace.apply();
 * await workspace.expectEmptyPlan();
 * await workspace.destroy();
 * ```
 *
 * The launcher of a provider under test is a script for `sh`: on Windows, run the tests in WSL.
 */

export { GrpcError, grpcStatus } from "../protocol/grpc-status.ts";
export type { ProviderCallName, ProviderRequest, ProviderResponse } from "../protocol/provider-client.ts";
export { createWorkspace } from "./create-workspace.ts";
export { type Engine, readEngineVersion } from "./engine.ts";
export { createHostCertificate, type HostCertificate } from "./host-certificate.ts";
export { type GrpcAnswer, type GrpcHeaders, type PluginAddress, PluginConnection } from "./plugin-connection.ts";
export {
  type Command,
  type Handshake,
  hostEnvironment,
  type PluginEnd,
  type PluginProcess,
  startPluginProcess,
} from "./plugin-process.ts";
export type { KillStep, ProviderUnderTest } from "./provider-under-test.ts";
export { readableOutput } from "./readable-output.ts";
export { type CommandOptions, type CommandResult, runCommand } from "./run-command.ts";
export { type Plugin, type StartPluginOptions, startPlugin } from "./start-plugin.ts";
export type { Attributes } from "./state-file.ts";
export { CommandError, type RunOptions, type Workspace, type WorkspaceOptions } from "./workspace.ts";
