/**
 * How places are written as URIs, for every kind of store: `scheme://segment/segment#key`. Each part is percent-encoded by itself, so
 * that a slash inside of a segment is no separator; a part says nothing of how its store is reached.
 */

/** The parts of a URI, decoded. There is at least one segment. */
export type DestinationParts = {
  readonly segments: readonly [string, ...string[]];
  readonly key: string | undefined;
};

/** Writes a URI. Halves of characters, which no URI can have, are written as U+FFFD: stores refuse such places. */
export function formatDestination(scheme: string, segments: readonly string[], key?: string): string {
  const path = segments.map(encode).join("/");
  return `${scheme}://${path}${key === undefined ? "" : `#${encode(key)}`}`;
}

/**
 * Reads a URI in any writing: a part may be escaped where it need not be. Undefined when the scheme is another one, when it has a
 * query, an empty key, nothing for its first or last segment, or a percent sign that encodes nothing.
 */
export function parseDestinationParts(scheme: string, destination: string): DestinationParts | undefined {
  const start = `${scheme}://`;
  if (!destination.startsWith(start)) return undefined;
  const [, path, key] = /^([^?#]+)(?:#([^#]+))?$/.exec(destination.slice(start.length)) ?? [];
  if (path === undefined) return undefined;
  try {
    const [first = "", ...others] = path.split("/").map(decodeURIComponent);
    if (first === "" || others.at(-1) === "") return undefined;
    return { segments: [first, ...others], key: key === undefined ? undefined : decodeURIComponent(key) };
  } catch {
    return undefined; // a percent sign that encodes nothing
  }
}

function encode(part: string): string {
  return encodeURIComponent(part.toWellFormed());
}
