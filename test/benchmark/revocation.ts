// How long a revoked token is still accepted by verifiers that keep verifications, while they are under load:
// `node test/benchmark/revocation.ts`. The server is a process of its own; each verifier keeps verifications for a minute, so that
// nothing but the feed of changes ends them.
import { createClient } from "@orgtokens/sdk";
import { createVerifier, type Verifier } from "@orgtokens/sdk/verification";
import { type ServerProcess, startServer } from "../support/server-process.ts";
import { makeFolder } from "../support/temporary-folder.ts";

const verifierCount = 3;
const callersPerVerifier = 8;
const tokenCount = 200;
const revocations = 100;

type Token = { readonly id: string; readonly token: string };

/** Verifies what is live, one after the other, until it is told to stop. Answers how often. */
async function load(verifier: Verifier, tokens: readonly Token[], isOver: () => boolean): Promise<number> {
  let count = 0;
  for (; !isOver(); count += 1) {
    await verifier.verify({ token: tokens[count % tokens.length]?.token ?? "" });
    // Lets timers and sockets have their turn, as a service does that answers requests.
    if (count % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return count;
}

/** How long after the answer to a revocation a verifier still accepts the token, in milliseconds. */
async function timeToRefusal(verifier: Verifier, { token }: Token, revokedAt: number): Promise<number> {
  while ((await verifier.verify({ token })).outcome === "active")
    await new Promise((resolve) => setTimeout(resolve, 1));
  return performance.now() - revokedAt;
}

async function measure(server: ServerProcess): Promise<void> {
  const tokens: Token[] = [];
  for (let index = 0; index < tokenCount; index += 1) {
    tokens.push(await server.admin.createApiToken({ label: `Token ${index}`, role: "developer" }));
  }
  const verifiers = Array.from({ length: verifierCount }, () => {
    const client = createClient({ endpoint: server.endpoint, apiToken: server.adminToken });
    return createVerifier({ client, cache: { maxAgeMs: 60_000 } });
  });
  let isOver = false;
  const [doomed, kept] = [tokens.slice(0, revocations), tokens.slice(revocations)];
  const began = performance.now();
  const callers = verifiers.flatMap((verifier) =>
    Array.from({ length: callersPerVerifier }, () => load(verifier, kept, () => isOver)),
  );
  for (const verifier of verifiers) for (const { token } of doomed) await verifier.verify({ token });
  const times: number[] = [];
  for (const token of doomed) {
    await server.admin.revokeApiToken(token.id);
    const revokedAt = performance.now();
    times.push(...(await Promise.all(verifiers.map((verifier) => timeToRefusal(verifier, token, revokedAt)))));
  }
  isOver = true;
  const verified = (await Promise.all(callers)).reduce((sum, count) => sum + count, 0);
  const perSecond = Math.round(verified / ((performance.now() - began) / 1000));
  for (const verifier of verifiers) verifier.close();
  times.sort((left, right) => left - right);
  const at = (part: number) => `${(times[Math.floor((times.length - 1) * part)] ?? Number.NaN).toFixed(0)} ms`;
  console.log(
    `${revocations} revocations, ${verifierCount} verifiers, ${perSecond} verifications per second meanwhile`,
  );
  console.log(`still accepted after the revocation was answered: median ${at(0.5)}, p99 ${at(0.99)}, longest ${at(1)}`);
}

const server = await startServer(await makeFolder());
try {
  await measure(server);
} finally {
  await server.close();
}
