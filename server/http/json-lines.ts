import { Readable } from "node:stream";

/** How much text is put together before it is sent, in characters. */
const chunkLength = 16_384;

/**
 * A stream of JSON Lines: a line for each item. It asks for items as fast as its reader takes them, and no faster.
 * @see https://jsonlines.org
 */
export function jsonLines(items: AsyncIterable<unknown>): Readable {
  return Readable.from(chunks(items), { objectMode: false });
}

async function* chunks(items: AsyncIterable<unknown>): AsyncGenerator<string, void, undefined> {
  let chunk = "";
  for await (const item of items) {
    chunk += `${JSON.stringify(item)}\n`;
    if (chunk.length < chunkLength) continue;
    yield chunk;
    chunk = "";
  }
  if (chunk !== "") yield chunk;
}
