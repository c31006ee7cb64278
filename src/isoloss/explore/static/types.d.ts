// What the modules pass to each other. Checked by `make check`; never loaded by a page.

/** A law as `explore/entry.py` writes it. */
interface EntryDocument {
  key: string;
  kind: "fit" | "published";
  name: string;
  formula: string;
  formula_html: string;
  /** The same as plain lists, see explore/formula.py. */
  formula_nodes: FormulaNode[];
  target: string;
  unit: string;
  variables: VariableDocument[];
  parameters: { name: string; value: number; meaning: string }[];
  theta: { rows: number; data: string };
  level: number;
  basis: string;
  directions: DirectionDocument[];
  evidence: string;
  cite: string;
  where?: string;
  url?: string;
  family?: string;
  modality?: string[];
  setup?: Record<string, string>;
  pitfalls: string[];
  notices: string[];
  certified?: boolean;
  /** Where a fit is saved, for the program that loads it. */
  file?: string;
  runs?: Record<string, number[] | string | number>;
}
interface VariableDocument {
  name: string;
  meaning: string;
  unit: string;
  log: boolean;
  low: number;
  high: number;
  known: boolean;
  share: boolean;
  over: string | null;
  counts?: string;
}
interface DirectionDocument {
  name: string;
  of: [string, number][];
  low: number;
  high: number;
  linear?: boolean;
}
/** A text, or [tag, class, ...children]. */
type FormulaNode = string | [string, string, ...any[]];
interface LawFunctions {
  one(x: ArrayLike<number>, p: ArrayLike<number>): number;
  many(out: Float64Array, theta: Float64Array, x: ArrayLike<number>): void;
}

/** Everything a page starts from, as `explore/bundle.py` writes it. */
interface Bundle {
  schema: string;
  isoloss: string;
  laws: EntryDocument[];
  /** The law that a view starts with, and all that were asked for; `first` is one of them. */
  first: string;
  asked: string[];
  view: string;
  catalogue: CatalogueLaw[];
  /** What is known of published laws, by id: explore/registry_part.py. */
  registry: Record<string, RegistryLaw>;
  families: Record<string, string>;
  presets: Preset[];
  units: { name: string; factor: number; of: string; source?: string }[];
  rho: RhoDocument[];
  federated: FederatedPart;
  mixtures: MixtureDocument[];
  studies: any[];
  server: boolean;
  sources?: Record<string, string>;
}
interface RhoDocument {
  name: string;
  value: number;
  low: number;
  high: number;
  meaning: string;
  provenance: string[];
  /** Largest number of clients that it was measured at. */
  clients_to: number | null;
}
/** As `explore/federated_part.py` writes it. */
interface FederatedPart {
  devices: { name: string; peak_flops: number; memory_bytes: number; source: string }[];
  links: { name: string; up_bps: number; down_bps: number; latency_s: number; source: string }[];
  round: string;
  utilisation: number;
  steps: number;
  bytes: number;
  few_samples: number;
  range: RhoDocument;
  parts: Record<string, string>;
  tags: Record<string, { letter: string; meaning: string }>;
  paper: string;
  claims: { text: string; contrary: { source: string; says: string; provenance: string }[] }[];
}
/** As `explore/mixtures_part.py` writes it. */
interface MixtureDocument {
  entry: EntryDocument;
  sets: { name: string; title: string; note: string; values: number[] }[];
}
interface CatalogueLaw {
  key: string;
  name: string;
  family: string;
  formula: string;
  evidence: string;
  usable: boolean;
  target: string;
  unit: string;
  inputs: string[];
  modality: string[];
  cite: string;
  url: string;
  pitfalls: number;
}
interface RegistryLaw {
  formula: FormulaNode;
  sources: { cite: string; where: string; url: string }[];
  setup: Record<string, string>;
  optimum: string;
  pitfalls: string[];
  misstated: { stated: string; where: string; correct: string }[];
  sets: Record<string, RegistrySet>;
}
interface RegistrySet {
  set: string;
  note: string;
  where: string;
  numbers: { name: string; printed: string; evidence: string; meaning?: string; se?: number; interval?: [number, number]; level?: number; where?: string; note?: string; exact?: boolean }[];
  unseen: string[];
  correlation: string;
  inputs: { name: string; meaning: string; unit: string; counts: string; range: [number, number] | null }[];
  /** Why it cannot be asked; empty where it can. */
  why: string;
}
interface Preset {
  name: string;
  N: number | null;
  D: number | null;
  D_unit: string;
  kind: string;
  score: string;
  source: string;
  note: string;
}

/** The whole state of a page: what stands in its address. */
type State = Record<string, string | number | boolean>;

/** A control. With `apart` the view shows it itself; its value stands in the address all the same.
 * Those with the same `fold` stand together behind these words until somebody opens them.
 */
type Field = { apart?: boolean; fold?: string } & (
  | { kind: "slider"; key: string; label: string; low: number; high: number; log: boolean; unit: string; start: number; help?: string; whole?: boolean; off?: boolean; shown?: (x: number) => string; read?: (text: string) => number }
  | { kind: "choice"; key: string; label: string; options: { value: string; label: string; group?: string }[]; start: string; help?: string }
  | { kind: "several"; key: string; label: string; options: { value: string; label: string; group?: string }[]; start: string; most?: number; help?: string }
  | { kind: "switch"; key: string; label: string; start: boolean; help?: string }
  | { kind: "text"; key: string; label: string; start: string; help?: string }
);

interface Fact {
  key: string;
  label: string;
  value: string;
  interval?: string;
  unit?: string;
  /** Steps of "explain this number": plain text, one a line. */
  explain?: string[];
  /** Where the number comes from: the page shows letters beside it, and once what they mean. */
  from?: { letter: string; words: string }[];
}
interface Table {
  head: string[];
  rows: (string | number)[][];
}
interface Figure {
  id: string;
  title: string;
  caption: string;
  data: object[];
  layout: object;
  table: Table;
  /** What colours and lines mean: [css colour, mark, words]. */
  legend?: { colour: string; mark: string; words: string }[];
  height?: number;
}
interface Shown {
  /** The answer in a sentence; read out when it changes. */
  headline: string;
  /** Where the answer lies in relation to the runs. */
  /** `label` stands for the usual words of a status. */
  place?: { status: string; words: string; label?: string };
  warnings: string[];
  facts: Fact[];
  figures: Figure[];
  /** A program that computes the same with isoloss. */
  python: string;
  /** Numbers of this answer for export as JSON. */
  numbers?: Record<string, unknown>;
}
interface Context {
  bundle: Bundle;
  /** Laws that are loaded, by key. */
  laws: Map<string, any>;
  /** Load a law of the library, or one that was fitted; null where this page cannot. */
  load(key: string): Promise<any>;
  /** Open a view, with a part of the state changed. */
  go(id: string, part?: State): void;
  /** Change the state and draw; with `step` it can be undone by itself. */
  change(part: State, step?: boolean): void;
  /** The state of the page. */
  state(): State;
  /** Ask the server; throws with a message for people. Only where bundle.server. */
  ask(path: string, options?: RequestInit): Promise<any>;
  /** Add a law, such as a fresh fit, to the page. */
  add(entry: EntryDocument, functions: LawFunctions): void;
  /** Say something to those who listen instead of look. */
  announce(text: string): void;
}
interface View {
  id: string;
  title: string;
  /** The question that it answers. */
  asks: string;
  /** Keys of the laws that the answer needs, for a state; they are loaded before it is asked. */
  needs?(state: State, context: Context): string[];
  /** The controls, for a state that may lack values. Laws that it needs may not be loaded yet. */
  fields(state: State, context: Context): Field[];
  /** Starting points: real models and the like. */
  presets?(context: Context): { label: string; note: string; state: State }[];
  /** The answer. */
  show?(state: State, context: Context): Shown;
  /** Own nodes below the answer, for what is no figure; called once when the view opens. */
  mount?(place: HTMLElement, context: Context): { update(state: State): void; close?(): void };
}
