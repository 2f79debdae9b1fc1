import { expect, test } from "vitest";
import { Counter, createGauge, Histogram } from "../../../server/metrics/instruments.ts";

test("a counter adds up for each combination of labels", () => {
  const counter = new Counter({ name: "a_total", help: "A." });
  expect(counter.render()).toBe("");
  counter.add({ status: "200" });
  counter.add({ status: "404" }, 2);
  counter.add({ status: "200" });
  expect(counter.render()).toBe(
    '# HELP a_total A.\n# TYPE a_total counter\na_total{status="200"} 2\na_total{status="404"} 2\n',
  );
});

test("a histogram counts what is at most each bound, and everything at +Inf", () => {
  const histogram = new Histogram({ name: "a_seconds", help: "A." }, [0.1, 1]);
  for (const value of [0.05, 0.1, 0.5, 2]) histogram.observe(value);
  expect(histogram.render().split("\n").slice(2, -1)).toEqual([
    'a_seconds_bucket{le="0.1"} 2',
    'a_seconds_bucket{le="1"} 3',
    'a_seconds_bucket{le="+Inf"} 4',
    "a_seconds_sum 2.65",
    "a_seconds_count 4",
  ]);
});

test("what cannot be looked at is left out, and a value of a label cannot break out of its quotes", async () => {
  const broken = createGauge({ name: "a", help: "A." }, async () => {
    throw new Error("the disk is gone");
  });
  expect(await broken.render()).toBe("");
  const odd = createGauge({ name: "a", help: "A." }, () => [{ labels: { b: 'c"\n\\' }, value: 1 }]);
  expect(await odd.render()).toContain('a{b="c\\"\\n\\\\"} 1\n');
});
