import { useCallback, useEffect, useState } from "react";

/** Something that is asked of the server. `value` stays while it is asked for again. */
export type Loaded<Value> = {
  readonly state: "loading" | "ready" | "failed";
  readonly value: Value | undefined;
  readonly error: unknown;
  readonly reload: () => void;
};

type Outcome<Value> = { readonly key: string; readonly value?: Value; readonly error?: unknown };

/**
 * Asks for something when the component appears, when `key` changes, and when `reload` is called. An answer that comes too
 * late is dropped, and its request given up.
 */
export function useLoaded<Value>(key: string, load: (signal: AbortSignal) => Promise<Value>): Loaded<Value> {
  const [round, setRound] = useState(0);
  const [outcome, setOutcome] = useState<Outcome<Value>>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` says what `load` asks for; a new function asks the same
  useEffect(() => {
    const abort = new AbortController();
    load(abort.signal).then(
      (value) => abort.signal.aborted || setOutcome({ key: `${round} ${key}`, value }),
      (error: unknown) => abort.signal.aborted || setOutcome({ key: `${round} ${key}`, error }),
    );
    return () => abort.abort();
  }, [key, round]);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  const isCurrent = outcome?.key === `${round} ${key}`;
  const state = !isCurrent ? "loading" : outcome.error === undefined ? "ready" : "failed";
  const sameKey = outcome?.key.endsWith(` ${key}`) === true;
  return { state, value: sameKey ? outcome.value : undefined, error: isCurrent ? outcome.error : undefined, reload };
}
