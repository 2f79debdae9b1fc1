/** What a command may use of its surroundings: the entry file gives it, so that no command reads the environment itself. */
export type CommandContext = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Writes what the command is for: results, and a secret where one was asked for. */
  readonly print: (text: string) => void;
  /** The same for long results: resolves when there is room for more. */
  readonly printAll: (text: string) => Promise<void>;
  /** Whether what is printed is seen by a person, and not kept in a file or a log. */
  readonly printsToTerminal: boolean;
  /** Makes a text stand out where a person sees it in colours; else gives it as it is. */
  readonly emphasize: (text: string) => string;
  /** The text of a file; of standard input for `-`. */
  readonly readText: (path: string) => Promise<string>;
  /** Whether standard input is a terminal, where nobody has piped anything in. */
  readonly readsFromTerminal: boolean;
  /** Writes what people want to know besides; never a secret. */
  readonly tell: (text: string) => void;
  /** Asks at the terminal; undefined when there is nobody to ask. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
  /** Shows how far long work is, on one line of a terminal; does nothing elsewhere. */
  readonly showProgress: (text: string) => void;
  /** Ends the work early, on a signal of the user. */
  readonly signal: AbortSignal;
};

/** What every command takes. */
export type CommonFlags = {
  readonly endpoint?: string | undefined;
  /** Refused: other users of the machine see arguments. */
  readonly apiToken?: string | undefined;
  readonly apiTokenFile?: string | undefined;
  readonly output?: "table" | "json" | "yaml" | undefined;
  /** Short for `output: "json"`. */
  readonly json?: boolean | undefined;
};
