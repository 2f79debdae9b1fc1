import { AttributeError, type Log, rootPath } from "../framework/index.ts";

/** The most that one data source gives. More would make a state file that nobody can work with. */
export const maxItems = 10_000;
/** After how many the log says how far it is. */
const progressEvery = 500;

/** What is collected, and which of it. */
export type CollectOptions<T> = {
  /** What they are, for people: `API tokens`. */
  readonly what: string;
  readonly log: Log;
  readonly accepts: (item: T) => boolean;
};

/**
 * Walks to the end and keeps what is accepted, saying in the log how far it is.
 * @throws AttributeError when more than {@link maxItems} are accepted
 */
export async function collect<T>(walk: AsyncIterable<T>, options: CollectOptions<T>): Promise<readonly T[]> {
  const { what, log, accepts } = options;
  const accepted: T[] = [];
  let read = 0;
  for await (const item of walk) {
    read += 1;
    if (read % progressEvery === 0) log.info(`Reading ${what}.`, { read, accepted: accepted.length });
    if (!accepts(item)) continue;
    if (accepted.length === maxItems) {
      const detail = `More than ${maxItems} ${what} match. Narrow the filters.`;
      throw new AttributeError(rootPath, `There are too many ${what}`, detail);
    }
    accepted.push(item);
  }
  log.info(`Read all ${what}.`, { read, accepted: accepted.length });
  return accepted;
}
