import { ConnectionError } from "@orgtokens/sdk";
import { expect, test } from "vitest";
import { CircuitBreaker, CircuitOpenError } from "../../../sdk/src/verification/circuit-breaker.ts";

const fail = () => Promise.reject(new ConnectionError("verifyApiTokens", "down", undefined));
const succeed = () => Promise.resolve("up");

/** A breaker that has failed twice and is open for a second. */
async function openBreaker() {
  let nowMs = 0;
  const pass = (ms: number): void => {
    nowMs += ms;
  };
  const breaker = new CircuitBreaker({ failures: 2, pauseMs: 1000 }, () => nowMs);
  for (let round = 0; round < 2; round += 1) await expect(breaker.run(fail)).rejects.toThrow("down");
  return { breaker, pass };
}

test("nothing is tried while it is open", async () => {
  const { breaker, pass } = await openBreaker();
  pass(999);
  await expect(breaker.run(succeed)).rejects.toThrow(CircuitOpenError);
});

test("after the pause one attempt decides, and nobody else is let through meanwhile", async () => {
  const { breaker, pass } = await openBreaker();
  pass(1000);
  const { promise, resolve } = Promise.withResolvers<string>();
  const probe = breaker.run(() => promise);
  await expect(breaker.run(succeed)).rejects.toThrow(CircuitOpenError);
  resolve("up");
  expect(await probe).toBe("up");
  expect(await breaker.run(succeed)).toBe("up");
});

test("a probe that fails opens it again for the whole pause", async () => {
  const { breaker, pass } = await openBreaker();
  pass(1000);
  await expect(breaker.run(fail)).rejects.toThrow("down");
  pass(999);
  await expect(breaker.run(succeed)).rejects.toThrow(CircuitOpenError);
  pass(1);
  expect(await breaker.run(succeed)).toBe("up");
});

test("failures count only one after the other", async () => {
  const breaker = new CircuitBreaker({ failures: 2 }, () => 0);
  for (let round = 0; round < 5; round += 1) {
    await expect(breaker.run(fail)).rejects.toThrow("down");
    expect(await breaker.run(succeed)).toBe("up");
  }
});

test("a refusal is an answer, and opens nothing", async () => {
  const breaker = new CircuitBreaker({ failures: 2 }, () => 0);
  for (let round = 0; round < 5; round += 1) {
    await expect(breaker.run(() => Promise.reject(new Error("refused")))).rejects.toThrow("refused");
  }
  expect(await breaker.run(succeed)).toBe("up");
});
