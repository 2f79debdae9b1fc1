import { inject } from "vitest";
import type { OperationId } from "../../server/operations/operation.ts";
import { createTestApp, parseProblem, parseSuccess, type TestApp, type TestCall, toRequest } from "./app.ts";

/**
 * The application as several replicas serve it: over PostgreSQL two of them take requests in turns. A SQLite file has one
 * server, whose transactions take turns.
 */
export async function createReplicas(): Promise<TestApp> {
  const app = await createTestApp();
  if (inject("database").dialect === "sqlite") return app;
  const replicas = [app, await createTestApp({ beside: app })] as const;
  let count = 0;
  const send: TestApp["send"] = (request) => replicas[count++ % 2 === 0 ? 0 : 1].send(request);
  const answer: TestApp["answer"] = (operationId, call = {}) =>
    send(toRequest(operationId, { token: app.adminToken, ...call }));
  return {
    ...app,
    send,
    answer,
    async call<Id extends OperationId>(operationId: Id, call?: TestCall) {
      return parseSuccess<Id>(await answer(operationId, call));
    },
    refused: async (operationId, call) => parseProblem(await answer(operationId, call)),
  };
}
