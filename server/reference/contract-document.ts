/** A part of the contract, as it was parsed. */
export type ContractNode = Readonly<Record<string, unknown>>;

/** A part of the contract, and the name it has among its components, if it was referred to. */
export type Resolved = { readonly node: ContractNode; readonly name: string | undefined };

/** An operation, with its references to parameters, bodies and answers resolved. */
export type ReferenceOperation = {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description: string;
  readonly callers: string;
  /** Whether only the server's own page may call it. */
  readonly isOwnPageOnly: boolean;
  readonly parameters: readonly ContractNode[];
  /** Its media type, schema and example; undefined where there is none. */
  readonly body: Body | undefined;
  readonly answers: readonly ReferenceAnswer[];
};

/** An answer of an operation. */
export type ReferenceAnswer = {
  readonly status: string;
  readonly description: string;
  readonly headers: ContractNode;
  readonly problemCodes: readonly string[];
  readonly body: Body | undefined;
};

/** A body, as the contract shows it. */
export type Body = { readonly mediaType: string; readonly schema: ContractNode; readonly example: unknown };

/** The contract, to be read by whoever describes it. */
export class ContractDocument {
  readonly root: ContractNode;

  constructor(root: unknown) {
    this.root = asNode(root);
  }

  /** Follows a reference. */
  resolve(value: unknown): Resolved {
    const node = asNode(value);
    const reference = node["$ref"];
    if (typeof reference !== "string") return { node, name: undefined };
    const words = reference.replace(/^#\//, "").split("/");
    return { node: asNode(words.reduce<unknown>((at, word) => asNode(at)[word], this.root)), name: words.at(-1) };
  }

  /** A table below `components`. */
  components(kind: string): ContractNode {
    return asNode(asNode(this.root["components"])[kind]);
  }

  /** Every operation, in the order of the contract. */
  operations(): readonly ReferenceOperation[] {
    return Object.entries(asNode(this.root["paths"])).flatMap(([path, value]) => {
      const { parameters: shared, ...operations } = asNode(value);
      return Object.entries(operations).map(([method, operation]) =>
        this.#readOperation(path, method, asNode(operation), asList(shared)),
      );
    });
  }

  #readOperation(path: string, method: string, node: ContractNode, shared: readonly unknown[]): ReferenceOperation {
    return {
      operationId: asText(node["operationId"]),
      method: method.toUpperCase(),
      path,
      tag: asText(asList(node["tags"])[0]),
      summary: asText(node["summary"]),
      description: asText(node["description"]),
      callers: asText(node["x-callers"]),
      isOwnPageOnly: node["x-own-page-only"] === true,
      parameters: [...shared, ...asList(node["parameters"])].map((parameter) => this.resolve(parameter).node),
      body: this.#readBody(this.resolve(node["requestBody"]).node),
      answers: Object.entries(asNode(node["responses"])).map(([status, answer]) => this.#readAnswer(status, answer)),
    };
  }

  #readAnswer(status: string, answer: unknown): ReferenceAnswer {
    const { node } = this.resolve(answer);
    return {
      status,
      description: asText(node["description"]),
      headers: asNode(node["headers"]),
      problemCodes: asList(node["x-problem-codes"]).map(asText),
      body: this.#readBody(node),
    };
  }

  #readBody(holder: ContractNode): Body | undefined {
    const [media] = Object.entries(asNode(holder["content"]));
    if (media === undefined) return undefined;
    const { schema, example } = asNode(media[1]);
    return { mediaType: media[0], schema: asNode(schema), example };
  }
}

/** An object of the contract; an empty one where there is none. */
export function asNode(value: unknown): ContractNode {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}

/** A list of the contract; an empty one where there is none. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A text of the contract; an empty one where there is none. */
export function asText(value: unknown): string {
  return value === undefined || value === null ? "" : String(value);
}
