// Writes a secret to a place, as a program does that uses the SDK: what is to be done is on standard input, as JSON.

import process from "node:process";
import { json } from "node:stream/consumers";
import { openDestination } from "@orgtokens/sdk/secret-stores";

const given = new Map(Object.entries(Object(await json(process.stdin))));
const text = (name: string) => String(given.get(name));
const store = openDestination(text("destination"), { environment: process.env });
await store.write(text("secret"), { apiTokenId: text("apiTokenId"), fingerprint: text("fingerprint") });
await store.close();
