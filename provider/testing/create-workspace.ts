import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "./engine.ts";
import { inheritedEnvironment } from "./inherited-environment.ts";
import { createLauncher, type Launcher, type ProviderUnderTest } from "./provider-under-test.ts";
import { readableOutput } from "./readable-output.ts";
import { runCommand } from "./run-command.ts";
import { isRunning } from "./running.ts";
import { type Attributes, readStateFile } from "./state-file.ts";
import { CommandError, type Workspace, type WorkspaceOptions } from "./workspace.ts";

const unasked = new Set(["apply", "destroy"]);
/** The commands that paint, and can be asked not to. */
const painting = new Set(["plan", "apply", "destroy", "import", "validate", "show", "refresh"]);
const asking = new Set(["plan", "apply", "destroy", "import", "refresh"]);
const walking = new Set(["plan", "apply", "destroy", "refresh"]);
/** What providers get to end after their command, in milliseconds: an orphan finishes what it had begun. */
const endMs = 15_000;

/** What a killed process gets to vanish, in milliseconds. */
const killMs = 5000;

/** Makes a workspace. Dispose of it, or give it a folder that is removed otherwise. */
export async function createWorkspace(options: WorkspaceOptions): Promise<Workspace> {
  const { engine = { name: "terraform" }, provider, timeoutMs = 120_000 } = options;
  const base = options.folder ?? (await mkdtemp(join(tmpdir(), "provider-test-")));
  const folder = join(base, "workspace");
  await mkdir(folder, { recursive: true });
  const launcher = await createLauncher(base, provider);
  const environment = await prepareEnvironment(base, launcher, options);
  const outputs: string[] = [];
  let running = 0;
  const runWith: Workspace["runWith"] = async (special, command, ...words) => {
    running += 1;
    try {
      const program = engine.program ?? engine.name;
      const result = await runCommand(program, [command, ...impliedWords(command, options), ...words], {
        timeoutMs,
        ...special,
        cwd: folder,
        environment: { ...environment, ...special.environment },
      });
      outputs.push(result.output);
      return result;
    } finally {
      running -= 1;
      if (running === 0) await endProviders(launcher);
    }
  };
  return {
    ...commands(engine, launcher, runWith),
    ...contents(folder, outputs),
    folder,
    write: (configuration) => writeFile(join(folder, "main.tf"), requirement(provider) + configuration),
    copy: (file) => copyFile(file, join(folder, basename(file))),
    async [Symbol.asyncDispose]() {
      await endProviders(launcher);
      await launcher[Symbol.asyncDispose]();
      if (options.folder === undefined) await rm(base, { recursive: true, force: true, maxRetries: 20 });
    },
  };
}

type Commands = Pick<
  Workspace,
  | "run"
  | "runWith"
  | "apply"
  | "destroy"
  | "refresh"
  | "import"
  | "planIsEmpty"
  | "expectEmptyPlan"
  | "expectError"
  | "killHere"
  | "outputs"
  | "processes"
  | "killProvider"
>;

function commands({ name }: Engine, launcher: Launcher, runWith: Workspace["runWith"]): Commands {
  const run: Workspace["run"] = (command, ...words) => runWith({}, command, ...words);
  const succeed = async (command: string, ...words: readonly string[]) => {
    const result = await run(command, ...words);
    if (result.exitCode !== 0) throw new CommandError(`${name} ${command} failed`, result);
    return result;
  };
  /** The plan when there is something to do. */
  const plan = async () => {
    const result = await run("plan", "-detailed-exitcode");
    if (result.exitCode !== 0 && result.exitCode !== 2) throw new CommandError(`${name} plan failed`, result);
    return result.exitCode === 0 ? undefined : result;
  };
  return {
    run,
    runWith,
    apply: (...words) => succeed("apply", ...words),
    destroy: (...words) => succeed("destroy", ...words),
    refresh: () => succeed("apply", "-refresh-only"),
    import: (address, id) => succeed("import", address, id),
    planIsEmpty: async () => (await plan()) === undefined,
    async expectEmptyPlan() {
      const result = await plan();
      if (result !== undefined) throw new CommandError("The plan should be empty, and is not", result);
    },
    async expectError(pattern, command = "apply", ...words) {
      const result = await run(command, ...words);
      const text = readableOutput(result.output);
      if (result.exitCode === 0) throw new CommandError(`${name} ${command} should fail with ${pattern}`, result);
      if (!pattern.test(text)) throw new CommandError(`${name} ${command} failed, but not with ${pattern}`, result);
      return text;
    },
    async killHere(step, command = "apply", ...words) {
      await launcher.arm(step);
      const result = await run(command, ...words).finally(() => launcher.disarm());
      if (!(await launcher.disarm())) throw new CommandError(`${name} ${command} never came to ${step.call}`, result);
      return result;
    },
    async outputs() {
      const { stdout } = await succeed("output", "-json");
      return parseOutputs(stdout);
    },
    processes: () => launcher.processes(),
    killProvider: () => killNewest(launcher),
  };
}

function contents(
  folder: string,
  outputs: readonly string[],
): Pick<Workspace, "state" | "isTainted" | "files" | "placesOf"> {
  const entries = () => readStateFile(join(folder, "terraform.tfstate"));
  return {
    state: async (address) => (await entries()).get(address)?.attributes,
    isTainted: async (address) => (await entries()).get(address)?.isTainted === true,
    files: () => readFiles(folder),
    async placesOf(canary) {
      const files = [...(await readFiles(folder))].filter(([, content]) => content.includes(canary));
      const printed = outputs.some((output) => output.includes(canary)) ? ["output of a command"] : [];
      return [...files.map(([path]) => path), ...printed];
    },
  };
}

/** Flags that no test wants to repeat. A saved plan takes them, too. */
function impliedWords(command: string, { parallelism }: WorkspaceOptions): readonly string[] {
  return [
    ...(painting.has(command) ? ["-no-color"] : []),
    ...(asking.has(command) ? ["-input=false"] : []),
    ...(unasked.has(command) ? ["-auto-approve"] : []),
    ...(walking.has(command) && parallelism !== undefined ? [`-parallelism=${parallelism}`] : []),
  ];
}

function requirement({ name, source = `${name}/${name}` }: ProviderUnderTest): string {
  return `terraform {\n  required_providers {\n    ${name} = { source = "${source}" }\n  }\n}\n`;
}

async function prepareEnvironment(
  base: string,
  launcher: Launcher,
  { environment }: WorkspaceOptions,
): Promise<NodeJS.ProcessEnv> {
  const cliConfiguration = join(base, "terraform.rc");
  await writeFile(cliConfiguration, `provider_installation {\n  ${launcher.installation}\n  direct {}\n}\n`);
  return {
    ...inheritedEnvironment(),
    HOME: base,
    CHECKPOINT_DISABLE: "1",
    ...environment,
    ...launcher.environment,
    TF_CLI_CONFIG_FILE: cliConfiguration,
  };
}

async function killNewest(launcher: Launcher): Promise<void> {
  const newest = (await launcher.processes()).at(-1);
  if (newest === undefined) throw new Error("No process of the provider is running.");
  process.kill(newest, "SIGKILL");
  const deadline = performance.now() + killMs;
  while (isRunning(newest) && performance.now() < deadline) await sleep(10);
}

/** A provider ends with its engine. One that does not is killed, and that it was there is an error. */
async function endProviders(launcher: Launcher): Promise<void> {
  const deadline = performance.now() + endMs;
  for (let left = await launcher.processes(); left.length > 0; left = await launcher.processes()) {
    if (performance.now() > deadline) {
      for (const id of left) process.kill(id, "SIGKILL");
      throw new Error(`${left.length} process(es) of the provider outlived their command by ${endMs} ms.`);
    }
    await sleep(20);
  }
}

async function readFiles(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(await Promise.all(files.map(async (path) => [path, await readFile(path)] as const)));
}

/** The one place that trusts what `output -json` printed. */
function parseOutputs(json: string): Attributes {
  const outputs = JSON.parse(json) as Readonly<Record<string, { readonly value: unknown }>>;
  return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
}
