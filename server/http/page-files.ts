import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** A file of the built page, in every encoding it is kept in. */
export type PageFile = {
  readonly mediaType: string;
  /** Quoted, as the header field wants it; the same for all encodings. */
  readonly etag: string;
  readonly identity: Buffer;
  readonly br: Buffer | undefined;
  readonly gzip: Buffer | undefined;
};

/** The built admin page: one document, and the files it loads by their paths, such as `/assets/main-1a2b3c.js`. */
export type Page = { readonly document: PageFile; readonly assets: ReadonlyMap<string, PageFile> };

const mediaTypes: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/**
 * Reads the built page into memory.
 * @returns undefined when it was not built.
 */
export function readPage(folder: URL = new URL("../web/dist/page/", import.meta.url)): Page | undefined {
  const root = fileURLToPath(folder);
  if (!existsSync(join(root, "index.html"))) return undefined;
  const files = new Map<string, PageFile>();
  for (const entry of readdirSync(root, { withFileTypes: true, recursive: true })) {
    const mediaType = mediaTypes[extname(entry.name)];
    if (!entry.isFile() || mediaType === undefined) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(`/${relative(root, path).replaceAll(sep, "/")}`, readPageFile(path, mediaType));
  }
  const document = files.get("/index.html");
  files.delete("/index.html");
  return document === undefined ? undefined : { document, assets: files };
}

function readPageFile(path: string, mediaType: string): PageFile {
  const identity = readFileSync(path);
  const etag = `"${createHash("sha256").update(identity).digest("base64url").slice(0, 22)}"`;
  return { mediaType, etag, identity, br: readIfThere(`${path}.br`), gzip: readIfThere(`${path}.gz`) };
}

function readIfThere(path: string): Buffer | undefined {
  return existsSync(path) ? readFileSync(path) : undefined;
}
