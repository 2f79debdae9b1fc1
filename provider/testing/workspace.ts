import type { Engine } from "./engine.ts";
import type { KillStep, ProviderUnderTest } from "./provider-under-test.ts";
import type { CommandOptions, CommandResult } from "./run-command.ts";
import type { Attributes } from "./state-file.ts";

/** What a workspace runs, and how. */
export interface WorkspaceOptions {
  readonly provider: ProviderUnderTest;
  /** Default: the `terraform` on the PATH. */
  readonly engine?: Engine;
  /** How many resources are worked on at once. Default: the engine's own, which is 10. */
  readonly parallelism?: number;
  /** Environment variables of engine and provider, besides PATH, NODE_COMPILE_CACHE and those the workspace needs. */
  readonly environment?: NodeJS.ProcessEnv;
  /** What each command may take, in milliseconds, before it is killed and fails. Default: 120,000. */
  readonly timeoutMs?: number;
  /** An existing folder to put everything into, left to the caller. Default: a temporary one, removed by disposing. */
  readonly folder?: string;
}

/** What {@link Workspace.run} takes besides words. */
export interface RunOptions extends Partial<Pick<CommandOptions, "environment" | "timeoutMs" | "onStart">> {}

/**
 * A working directory with a provider under test, driven by a real Terraform or OpenTofu. The engine takes the provider from where
 * it lies, without `init`. A command that leaves a process of the provider behind fails, and so does one that takes too long.
 */
export interface Workspace extends AsyncDisposable {
  /** The working directory. */
  readonly folder: string;
  /** Replaces the configuration, which says nothing of required providers: the workspace adds that. */
  write(configuration: string): Promise<void>;
  /** Puts a whole configuration file there as it is. */
  copy(file: string): Promise<void>;
  /** Runs any command without asking; any exit code. */
  run(command: string, ...words: readonly string[]): Promise<CommandResult>;
  /** The same, with variables, a time limit or an eye on the process. */
  runWith(options: RunOptions, command: string, ...words: readonly string[]): Promise<CommandResult>;
  /** @throws CommandError unless it succeeds */
  apply(...words: readonly string[]): Promise<CommandResult>;
  /** @throws CommandError unless it succeeds */
  destroy(...words: readonly string[]): Promise<CommandResult>;
  /** Brings the state up to date with the world, and changes nothing else. @throws CommandError unless it succeeds */
  refresh(): Promise<CommandResult>;
  /** @throws CommandError unless it succeeds */
  import(address: string, id: string): Promise<CommandResult>;
  /** Whether a plan has nothing to do. @throws CommandError when planning fails */
  planIsEmpty(): Promise<boolean>;
  /** @throws CommandError that shows the plan when it has something to do, or when planning fails */
  expectEmptyPlan(): Promise<void>;
  /**
   * Runs a command that must fail with this error, and returns what it printed, without frames and line breaks. Default: `apply`.
   *
   * @throws CommandError when it succeeds, or fails otherwise
   */
  expectError(pattern: RegExp, command?: string, ...words: readonly string[]): Promise<string>;
  /**
   * Runs a command and kills the provider or Terraform at a step of it. Default: `apply`.
   *
   * @throws CommandError when the step was never reached
   */
  killHere(step: KillStep, command?: string, ...words: readonly string[]): Promise<CommandResult>;
  /** The attributes of a resource or data source in the state, by its whole address; undefined when it is not there. */
  state(address: string): Promise<Attributes | undefined>;
  /** Whether the next apply destroys and creates this resource, because its creation failed half-way. */
  isTainted(address: string): Promise<boolean>;
  /** The values of all outputs, sensitive ones too. */
  outputs(): Promise<Attributes>;
  /** Processes of the provider that still run, oldest first. */
  processes(): Promise<readonly number[]>;
  /**
   * Ends the newest process of the provider as a crash does, and waits until it is gone. For a command under way, when what the
   * provider talks to decides the moment.
   */
  killProvider(): Promise<void>;
  /** Every file of the working directory, by path. */
  files(): Promise<ReadonlyMap<string, Buffer>>;
  /** Where a text can be found that should be nowhere: files of the working directory, and outputs of commands. */
  placesOf(canary: string): Promise<readonly string[]>;
}

/** A command did not do what a test needs. The message holds all it printed. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly result: CommandResult;

  constructor(what: string, result: CommandResult) {
    super(`${what}:\n${result.output}`);
    this.result = result;
  }
}
