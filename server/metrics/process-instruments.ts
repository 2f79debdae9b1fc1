import { performance } from "node:perf_hooks";
import process from "node:process";
import { createGauge, type Instrument } from "./instruments.ts";

/** What Prometheus' clients say of their process, by the same names. */
export function createProcessInstruments(): readonly Instrument[] {
  let lastUtilization = performance.eventLoopUtilization();
  return [
    createGauge(
      { name: "process_cpu_seconds_total", help: "User and system time of this process." },
      () => {
        const { user, system } = process.cpuUsage();
        return [{ value: (user + system) / 1e6 }];
      },
      "counter",
    ),
    createGauge({ name: "process_resident_memory_bytes", help: "Memory of this process." }, () => [
      { value: process.memoryUsage.rss() },
    ]),
    createGauge({ name: "process_start_time_seconds", help: "When this process started, since 1970." }, () => [
      { value: Math.round(performance.timeOrigin) / 1000 },
    ]),
    createGauge({ name: "nodejs_heap_size_used_bytes", help: "Memory that JavaScript uses." }, () => [
      { value: process.memoryUsage().heapUsed },
    ]),
    createGauge(
      { name: "nodejs_eventloop_utilization", help: "How busy the process was since the last look: 0 to 1." },
      () => {
        const now = performance.eventLoopUtilization();
        const { utilization } = performance.eventLoopUtilization(now, lastUtilization);
        lastUtilization = now;
        return [{ value: utilization }];
      },
    ),
  ];
}
