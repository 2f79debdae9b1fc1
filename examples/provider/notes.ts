/** A whole Terraform provider: notes, which are files in a folder. */
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  AttributeError,
  attribute,
  attributePath,
  defineProvider,
  defineResource,
  defineSchema,
  lengthBetween,
  pattern,
  requiresReplace,
  type StateOf,
  useStateForUnknown,
} from "@orgtokens/provider";

const noteSchema = defineSchema({
  description: "A note.",
  attributes: {
    id: attribute.string({ computed: true, planModifiers: [useStateForUnknown()], description: "Like the title." }),
    title: attribute.string({
      required: true,
      validators: [pattern(/^[a-z0-9-]+$/, "consist of lower-case letters, digits and hyphens")],
      planModifiers: [requiresReplace()],
      description: "What the note is called. Another title is another note.",
    }),
    text: attribute.string({ required: true, validators: [lengthBetween(1, 280)], description: "What it says." }),
    color: attribute.string({
      optional: true,
      default: "yellow",
      oneOf: ["yellow", "pink"],
      description: "Its color.",
    }),
    words: attribute.number({ computed: true, description: "How many words the text has." }),
  },
});
type Note = StateOf<typeof noteSchema>;
type Content = Pick<Note, "title" | "text" | "color">;

/** The world this provider manages. */
class Notes {
  readonly #folder: string;
  constructor(folder: string) {
    this.#folder = folder;
  }
  async find(title: string): Promise<Note | null> {
    const file = await readFile(this.#path(title), "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error; // not "gone": Terraform would create the note again
    });
    return file === undefined ? null : stateOf(parseContent(file));
  }
  async write({ title, text, color }: Content): Promise<Note> {
    await writeFile(this.#path(title), JSON.stringify({ title, text, color }));
    return stateOf({ title, text, color });
  }
  delete = (title: string) => rm(this.#path(title), { force: true });
  #path = (title: string) => join(this.#folder, `${title}.json`);
}
const parseContent = (json: string) => JSON.parse(json) as Content;
const stateOf = (content: Content): Note => ({
  ...content,
  id: content.title,
  words: content.text.split(/\s+/).length,
});

const note = defineResource<typeof noteSchema, Notes>({
  typeName: "notes_note",
  schema: noteSchema,
  async create({ plan, client }) {
    if ((await client.find(plan.title)) !== null)
      throw new AttributeError(
        attributePath("title"),
        "The note exists already",
        "Choose another title, or import it.",
      );
    return client.write(plan);
  },
  read: ({ state, client }) => client.find(state.title),
  update: ({ plan, client }) => client.write(plan),
  delete: ({ state, client }) => client.delete(state.title),
  importState: ({ id, client }) => client.find(id),
});

/** The provider; `main.ts` serves it. */
export const notes = defineProvider({
  name: "notes",
  version: "0.1.0",
  schema: defineSchema({
    description: "Notes in a folder.",
    attributes: { folder: attribute.string({ required: true, description: "Where the notes are." }) },
  }),
  configure: ({ config }) => (typeof config.folder === "string" ? new Notes(config.folder) : undefined),
  resources: [note],
});
