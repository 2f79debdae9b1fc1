import { asNode, asText, type ReferenceOperation } from "./contract-document.ts";

/** The command that calls an operation with the example of the contract, for a shell. */
export function curlCommand(operation: ReferenceOperation): string {
  const { method, body, callers } = operation;
  const implied = body === undefined ? "GET" : "POST";
  const lines = [
    `curl "$ORGTOKENS_ENDPOINT${exampleUrl(operation)}"`,
    ...(method === implied ? [] : [`--request ${method}`]),
    ...credentialsOf(callers, method),
    ...bodyOptions(operation),
  ];
  return lines.join(" \\\n  ");
}

function credentialsOf(callers: string, method: string): readonly string[] {
  if (callers === "public") return [];
  if (callers !== "user") return ['--header "X-API-KEY: $ORGTOKENS_API_TOKEN"'];
  const csrf = method === "GET" ? [] : ['--header "X-CSRF-Token: $ORGTOKENS_CSRF_TOKEN"'];
  return ['--cookie "__Host-orgtokens-session=$ORGTOKENS_SESSION"', ...csrf];
}

function exampleUrl({ path, parameters }: ReferenceOperation): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const parameter = parameters.find((each) => each["name"] === name && each["in"] === "path") ?? {};
    return asText(parameter["example"] ?? (name === "code" ? "secret_superseded" : exampleId));
  });
  const required = parameters.filter((each) => each["in"] === "query" && each["required"] === true);
  const query = required.map((each) => `${asText(each["name"])}=${encodeURIComponent(asText(each["example"]))}`);
  return query.length === 0 ? filled : `${filled}?${query.join("&")}`;
}

const exampleId = "0199f3a1b2c40d5e6f708192";

function bodyOptions({ body }: ReferenceOperation): readonly string[] {
  if (body === undefined) return [];
  if (body.mediaType === "application/json") return [`--json ${quote(JSON.stringify(body.example))}`];
  return Object.entries(asNode(body.example)).map(
    ([name, value]) => `--data-urlencode ${quote(`${name}=${asText(value)}`)}`,
  );
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
