// The harness for resource authors has it; every other test runs its programs with it, too.
export { type CommandOptions, type CommandResult, runCommand } from "../../provider/testing/run-command.ts";
