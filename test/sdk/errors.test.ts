import { expect, test } from "vitest";
import { parseApiError } from "../../sdk/src/errors.ts";
import { type ProblemCode, ProblemError, problems } from "../../server/domain/problem.ts";
import { problemAnswer } from "../../server/http/problem.ts";

test.for(Object.entries(problems))("%s is retryable for the client as the server's catalogue says", ([code, known]) => {
  const request = { id: "r-1", bodyMediaType: "application/json", authorization: undefined } as const;
  const { problem } = problemAnswer(new ProblemError(code as ProblemCode, "What to do."), request);
  const error = parseApiError("getMe", problem.status, "r-1", problem);
  expect(error).toMatchObject({ code, title: known.title, retryable: known.retryable, detail: "What to do." });
});
