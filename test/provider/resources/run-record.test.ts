import { expect, test } from "vitest";
import { createRunRecord } from "../../../provider/resources/run-record.ts";

test("a token that one resource adopts and another destroys has one fate, whoever comes first", () => {
  const run = createRunRecord();
  expect(run.adopt("a")).toBe(true);
  expect(run.destroy("a")).toBe(false);
  expect(run.destroy("b")).toBe(true);
  expect(run.adopt("b")).toBe(false);
  expect(run.destroy("b")).toBe(true);
});

test("a place is claimed by one creation of a run, and by one of another run", () => {
  const run = createRunRecord();
  expect(run.claimPlace("file:///secret")).toBe(true);
  expect(run.claimPlace("file:///secret")).toBe(false);
  expect(run.claimPlace("file:///other")).toBe(true);
  expect(createRunRecord().claimPlace("file:///secret")).toBe(true);
});
