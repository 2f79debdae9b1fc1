import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import {
  type ContractDocument,
  listMediaTypes,
  listOperations,
  type MediaType,
  membersOf,
  type Pointer,
  type Report,
  resolve,
} from "./contract-document.ts";

/** Every body has an example, and every example is what its schema says. */
export function checkExamples(document: ContractDocument, report: Report): void {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false });
  addFormats.default(ajv);
  ajv.addSchema(document.root, "contract");
  const seen = new Set<string>();
  for (const media of listBodies(document)) {
    const schemaPointer = [...media.pointer, "schema"];
    const place = [...media.pointer, "example"];
    // A response that several operations share is looked at once.
    if (seen.has(place.join("/"))) continue;
    seen.add(place.join("/"));
    if (media.node["schema"] === undefined) report(media.pointer, "has no schema");
    else if (media.node["example"] === undefined) report(media.pointer, "has no example");
    else {
      const validate = ajv.compile({ $ref: `contract${toFragment(schemaPointer)}` });
      if (validate(media.node["example"])) continue;
      for (const { instancePath, message } of validate.errors ?? []) {
        report(
          place,
          `the example is not valid: ${instancePath === "" ? "it" : instancePath} ${message ?? "is wrong"}`,
        );
      }
    }
  }
}

function listBodies(document: ContractDocument): readonly MediaType[] {
  return listOperations(document).flatMap(({ pointer, node }) => {
    const request = resolve(document, [...pointer, "requestBody"], node["requestBody"]);
    const responses = membersOf([...pointer, "responses"], node["responses"]).map((response) =>
      resolve(document, response.pointer, response.node),
    );
    return [request, ...responses].flatMap((body) => listMediaTypes(body.pointer, body.node));
  });
}

function toFragment(pointer: Pointer): string {
  return `#${pointer.map((word) => `/${encodeURIComponent(String(word).replaceAll("~", "~0").replaceAll("/", "~1"))}`).join("")}`;
}
