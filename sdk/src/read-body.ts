/** An answer whose body is longer than the caller reads. */
export class BodyTooLongError extends Error {
  override readonly name = "BodyTooLongError";
}

/**
 * Reads the body of an answer to its end.
 *
 * @param maxBytes after decompression; the rest of a longer body is not taken from the network.
 * @throws BodyTooLongError; what `fetch` throws when the connection breaks off or the signal is aborted.
 */
export async function readBody(response: Response, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const reader = response.body?.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
    length += part.value.length;
    chunks.push(part.value);
    if (length <= maxBytes) continue;
    await reader?.cancel();
    throw new BodyTooLongError(`The body is longer than ${maxBytes} bytes.`);
  }
  const body = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.length;
  }
  return body;
}
