import { createLinearScale, createLogarithmicScale, type Scale } from "../chart/scale.ts";

export const PLOT_WIDTH = 400;
export const PLOT_HEIGHT = 190;

export interface Axis {
  readonly name: string;
  readonly ticks: readonly (readonly [value: number, label: string])[];
  readonly form: "linear" | "logarithmic";
}

/** One line of a plot; `kind` names its colour. */
export interface Line {
  readonly kind: "greedy" | "fixed5" | "separate";
  readonly label: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** The point beside which the label stands, and by how many pixels it is moved. */
  readonly labelAt: number;
  readonly right?: number;
  readonly down: number;
  readonly end?: boolean;
}

export interface Plot {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly lines: readonly Line[];
}

/** A plot with its title above it, its upper left corner at 0, 0. */
export function drawPlot({ title, x, y, lines }: Plot): string {
  const across = scaleOf(x, { from: 0, to: PLOT_WIDTH });
  const up = scaleOf(y, { from: PLOT_HEIGHT, to: 0 });
  return [
    `<text class="ink title" x="0" y="-14">${title}<tspan class="soft" font-weight="400">, ${y.name}</tspan></text>`,
    ...y.ticks.map(([value, label], index) => drawLevel(label, up(value), index === 0)),
    ...x.ticks.map(([value, label]) => drawTick(label, across(value))),
    `<text class="soft tick end" x="${PLOT_WIDTH}" y="${PLOT_HEIGHT + 35}">${x.name}</text>`,
    ...lines.map(({ kind, points }) => {
      const trace = points.map(([at, value], n) => `${n === 0 ? "M" : "L"}${across(at)} ${up(value)}`);
      return `<g class="${kind}"><path class="line" d="${trace.join("")}"/></g>`;
    }),
    ...lines.map((line) => drawLabel(line, across, up)),
  ].join("\n");
}

function scaleOf({ ticks, form }: Axis, pixels: Parameters<typeof createLinearScale>[1]): Scale {
  const values = ticks.map(([value]) => value);
  const range = { from: Math.min(...values), to: Math.max(...values) };
  return form === "linear" ? createLinearScale(range, pixels) : createLogarithmicScale(range, pixels);
}

const drawLevel = (label: string, at: number, isAxis: boolean): string =>
  [
    `<path class="${isAxis ? "axis" : "grid"}" d="M0 ${at}H${PLOT_WIDTH}"/>`,
    `<text class="soft tick end" x="-8" y="${at + 4}">${label}</text>`,
  ].join("");

const drawTick = (label: string, at: number): string =>
  [
    `<path class="axis" d="M${at} ${PLOT_HEIGHT}v4"/>`,
    `<text class="soft tick middle" x="${at}" y="${PLOT_HEIGHT + 18}">${label}</text>`,
  ].join("");

function drawLabel(
  { kind, label, points, labelAt, right = 0, down, end }: Line,
  across: Scale,
  up: Scale,
): string {
  const [x, y] = points.at(labelAt) ?? [Number.NaN, Number.NaN];
  const place = `x="${across(x) + right}" y="${up(y) + down}"`;
  return `<g class="${kind}"><text class="tag halo${end ? " end" : ""}" ${place}>${label}</text></g>`;
}
