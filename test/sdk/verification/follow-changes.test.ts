import { type Client, ConnectionError } from "@orgtokens/sdk";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { followChanges } from "../../../sdk/src/verification/follow-changes.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

type Asked = Parameters<Client["listApiTokenChanges"]>;
type Changes = Awaited<ReturnType<Client["listApiTokenChanges"]>>;

/** Follows a server that answers in turn, and then never again; what the listener is told, and what the server is asked. */
function follow(...answers: readonly (() => Changes | Promise<Changes>)[]) {
  const told: string[] = [];
  const asked: { readonly atMs: number; readonly query: Asked[0]; readonly call: Asked[1] }[] = [];
  const end = new AbortController();
  const startMs = Date.now();
  const client: Pick<Client, "listApiTokenChanges"> = {
    async listApiTokenChanges(query, call) {
      const answer = answers[asked.length];
      asked.push({ atMs: Date.now() - startMs, query, call });
      return answer?.() ?? new Promise(() => {});
    },
  };
  const listener = {
    hear: () => void told.push("hear"),
    forget: (ids: readonly string[]) => void told.push(`forget ${ids.join()}`),
    forgetAll: () => void told.push("forget all"),
    deafen: () => void told.push("deafen"),
  };
  const onError = vi.fn();
  const done = followChanges({ client, listener, onError, signal: end.signal });
  onTestFinished(() => end.abort());
  return { told, asked, end, done, onError };
}

const at =
  (position: number, apiTokenIds: string[] = [], isComplete = true) =>
  () => ({ position, apiTokenIds, isComplete });
const fail = () => Promise.reject(new ConnectionError("listApiTokenChanges", "cut", undefined));

test("from the position of now on, each answer's position is asked from, and what changed is told", async () => {
  const { told, asked } = follow(at(7), at(9, ["a", "b"]), at(9));
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toEqual(["hear", "forget a,b"]);
  expect(asked.map(({ query }) => query?.after)).toEqual([undefined, 7, 9, 9]);
});

test("an answer that is not complete lets everything be forgotten", async () => {
  const { told } = follow(at(7), at(900, [], false));
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toEqual(["hear", "forget all"]);
});

test("a question is held back for 5 seconds and given up after 6.5, and never repeated by the client", async () => {
  const { asked } = follow(at(7));
  await vi.advanceTimersByTimeAsync(0);
  expect(asked[1]?.query).toEqual({ after: 7, waitSeconds: 5 });
  expect(asked[1]?.call).toMatchObject({ deadlineMs: 6500, maxAttempts: 1 });
});

test("a failure deafens at once; then it is asked for the position of now, after pauses that grow to 5 seconds", async () => {
  const failures = Array.from({ length: 8 }, () => fail);
  const { told, asked, onError } = follow(at(7), ...failures, at(12));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(told).toEqual(["hear", ...failures.map(() => "deafen"), "hear"]);
  expect(onError).toHaveBeenCalledTimes(failures.length);
  const pauses = asked.slice(2, 10).map(({ atMs }, index) => atMs - (asked[index + 1]?.atMs ?? 0));
  expect(pauses).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000]);
  expect(asked.slice(2, 10).map(({ query }) => query)).toEqual(failures.map(() => ({})));
});

test("who ends it while it is told of a failure waits for nothing", async () => {
  const { done, end, onError } = follow(fail);
  onError.mockImplementation(() => end.abort());
  await done;
  expect(vi.getTimerCount()).toBe(0);
});
