// The main job of orgtokens, end to end: declare, apply, use, rotate, revoke, destroy. Run it with `npm run demo`.
import process from "node:process";
import { runDemo } from "./demo.ts";
import { createReport } from "./report.ts";
import { createWorkbench } from "./workbench.ts";

const output = {
  write: (text: string) => void process.stdout.write(text),
  colours: process.stdout.isTTY === true && process.env["NO_COLOR"] === undefined,
};

async function main(): Promise<number> {
  const report = createReport(output);
  const workbench = await createWorkbench(process.env);
  let interrupted = false;
  const interrupt = () => {
    interrupted = true;
    void workbench.close();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, interrupt);
  process.stdout.on("error", interrupt); // nobody reads any more
  try {
    await runDemo(workbench, report);
    output.write(`${report.claims} claims held, 0 failed.\n`);
    return 0;
  } catch {
    output.write(interrupted ? "Interrupted.\n" : `${report.claims} claims held, 1 failed.\n`);
    return 1;
  } finally {
    await workbench.close();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
