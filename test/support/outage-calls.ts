import type { OperationId } from "../../server/operations/operation.ts";
import { contractRoutes } from "./answer-check.ts";
import type { TestCall } from "./app.ts";

/** They answer without the database, or before it is asked. */
const needsNoDatabase: readonly OperationId[] = [
  "getLiveness",
  "getProblem",
  "getSignInWays",
  "startOidcSignIn",
  "finishOidcSignIn",
  "reportLeak",
  "reportGithubLeaks",
];
const signsIn: readonly OperationId[] = ["createSession", "requestSignInLink"];

/** A call of each operation that cannot be answered without the database. */
export function outageCalls(): readonly (readonly [OperationId, TestCall])[] {
  const operationIds = [...contractRoutes.keys()] as OperationId[];
  return operationIds
    .filter((id) => !needsNoDatabase.includes(id))
    .map((operationId) => {
      const caller = signsIn.includes(operationId) ? { token: null } : {};
      return [operationId, { ...caller, id: "0199f3a1b2c40d5e6f708192", body: bodyOf(operationId) }];
    });
}

function bodyOf(operationId: OperationId): unknown {
  if (operationId === "createSession") return { linkToken: "x" };
  if (operationId === "requestSignInLink") return { email: "ada@test.example" };
  const body = contractRoutes.get(operationId)?.method;
  return body === "POST" || body === "PATCH" ? {} : undefined;
}
