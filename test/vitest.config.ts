import { fileURLToPath } from "node:url";
import { defineConfig, type TestProjectConfiguration } from "vitest/config";
import { closingLine } from "./support/reporter.ts";
import { SlowFirst } from "./support/slow-first.ts";

/** What needs a Kubernetes API server, which takes minutes to build. */
const kubernetesTests = [
  "test/sdk/secret-stores/kubernetes{,-admission,-rights}.test.ts",
  "test/provider/acceptance/kubernetes.test.ts",
  "test/end-to-end/kubernetes-manifest.test.ts",
];

/** What asks an engine something that how many resources it works on at once does not change, or names that number itself. */
const anyParallelism = [
  "test/provider/protocol/terraform*.test.ts",
  "test/provider/testing/{notes,workspace}.test.ts",
  "test/provider/acceptance/{api-token-limits,refresh}.test.ts",
];

/** What needs gopass, which takes minutes to build, too. */
const gopassTests = ["test/sdk/secret-stores/gopass.test.ts"];

/** What `npm test` runs with Terraform and its default of ten resources at once, in the other cells of the matrix. */
function engineProject(name: "terraform" | "tofu", parallelism: number): TestProjectConfiguration {
  return {
    extends: true,
    test: {
      name: `${name}-${parallelism}`,
      include: ["test/provider/acceptance/**/*.test.ts", ...(parallelism === 1 ? [] : anyParallelism)],
      exclude: [...kubernetesTests, ...(parallelism === 1 ? anyParallelism : [])],
      provide: { database: { dialect: "sqlite" }, engine: { name, parallelism } },
      ...(name === "tofu" && {
        globalSetup: fileURLToPath(new URL("support/engine-run.ts", import.meta.url)),
        setupFiles: fileURLToPath(new URL("support/engine-or-skip.ts", import.meta.url)),
      }),
    },
  };
}

export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  test: {
    // Processes, not threads: tests start and kill real servers, and a signal or an exit must not reach another test file.
    pool: "forks",
    maxWorkers: 2,
    sequence: { sequencer: SlowFirst, hooks: "stack" },
    // A test that runs Terraform names its own, longer limit.
    testTimeout: 15_000,
    // Programs of ours that tests start find there what an earlier one has compiled: they start in less than half of the time.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL("../node_modules/.cache/compiled", import.meta.url)) },
    hookTimeout: 30_000,
    teardownTimeout: 10_000,
    passWithNoTests: false,
    reporters: ["default", closingLine()],
    projects: [
      {
        extends: true,
        test: {
          name: "sqlite",
          include: ["test/**/*.test.ts"],
          exclude: ["test/server/database/postgres*.test.ts", ...kubernetesTests, ...gopassTests],
          provide: { database: { dialect: "sqlite" } },
        },
      },
      {
        // The server's tests once more, but for those that open no database or are about files.
        extends: true,
        test: {
          name: "postgres",
          include: ["test/server/**/*.test.ts"],
          exclude: [
            "test/server/{command,config,mail-config}.test.ts",
            "test/server/database/sqlite.test.ts",
            "test/server/domain/{github-signature,ids,network-address,rate-limiter,token-text}.test.ts",
            "test/server/http/{connections,contract}.test.ts",
            "test/server/mail/{directory-transport,render-mail,smtp-transport}.test.ts",
            "test/server/metrics/instruments.test.ts",
            "test/server/reference/html.test.ts",
            "test/server/web/describe-event.test.ts",
          ],
          globalSetup: fileURLToPath(new URL("support/postgres-run.ts", import.meta.url)),
          setupFiles: fileURLToPath(new URL("support/postgres-or-skip.ts", import.meta.url)),
        },
      },
      {
        extends: true,
        test: {
          name: "kubernetes",
          include: kubernetesTests,
          provide: { database: { dialect: "sqlite" } },
          globalSetup: fileURLToPath(new URL("support/kubernetes-run.ts", import.meta.url)),
          setupFiles: fileURLToPath(new URL("support/kubernetes-or-skip.ts", import.meta.url)),
        },
      },
      {
        extends: true,
        test: { name: "gopass", include: gopassTests, provide: { database: { dialect: "sqlite" } } },
      },
      engineProject("terraform", 1),
      engineProject("terraform", 10),
      engineProject("tofu", 1),
      engineProject("tofu", 10),
    ],
  },
});
