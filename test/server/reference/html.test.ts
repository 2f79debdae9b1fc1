import { expect, test } from "vitest";
import { ContractDocument } from "../../../server/reference/contract-document.ts";
import { curlCommand } from "../../../server/reference/curl.ts";
import { html } from "../../../server/reference/html.ts";
import { paragraphs } from "../../../server/reference/prose.ts";
import { renderReference } from "../../../server/reference/render-reference.ts";

const hostile = `<script>alert("1")</script>' & \`<b>\``;

test("texts are escaped wherever they are put, and HTML is taken as it is", () => {
  const inner = html`<b title="${hostile}">${hostile}</b>`;
  expect(html`${inner}${[inner, undefined, 1]}`.markup).toBe(`${inner.markup}${inner.markup}1`);
  expect(inner.markup).not.toMatch(/<script|"1"|'|&(?!\w+;|#39;)/);
});

test("prose has paragraphs and code, and no markup of its own", () => {
  expect(paragraphs("One `a<b`.\n\nTwo <i>.").map(({ markup }) => markup)).toEqual([
    "<p>One <code>a&lt;b</code>.</p>",
    "<p>Two &lt;i&gt;.</p>",
  ]);
});

test("a contract that is out to break the page does not", () => {
  const text = { type: "string", maxLength: 9, description: hostile, enum: [hostile] };
  const document = new ContractDocument({
    info: { title: hostile, version: hostile, summary: hostile, description: hostile },
    tags: [{ name: "a", description: hostile }],
    components: {
      securitySchemes: { a: { type: "http", scheme: hostile } },
      schemas: { A: { properties: { [hostile]: text } } },
    },
    paths: {
      "/a/{id}": {
        get: {
          operationId: "getA",
          tags: ["a"],
          summary: hostile,
          description: hostile,
          "x-callers": hostile,
          parameters: [{ name: hostile, in: hostile, description: hostile, schema: text }],
          responses: { 200: { description: hostile, content: { [hostile]: { schema: text, example: hostile } } } },
        },
      },
    },
  });
  const problem = { code: "a", title: hostile, status: 400, retryable: false };
  expect(renderReference(document, [problem])).not.toMatch(/<script|<b>|alert\("1/);
});

test("a command quotes the example for a shell", () => {
  const operation = new ContractDocument({
    paths: {
      "/a": {
        post: { "x-callers": "public", requestBody: { content: { "application/json": { example: { a: "it's" } } } } },
      },
    },
  }).operations()[0];
  expect(operation === undefined ? "" : curlCommand(operation)).toBe(
    `curl "$ORGTOKENS_ENDPOINT/a" \\\n  --json '{"a":"it'\\''s"}'`,
  );
});
