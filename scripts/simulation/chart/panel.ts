import type { PolicyName } from "../policies.ts";
import { createLinearScale, createLogarithmicScale, type Scale } from "./scale.ts";

export interface PanelPoint {
  readonly x: number;
  readonly y: number;
  /** Whether the policy still kept up; where it did not, the line is faint. */
  readonly held: boolean;
}

export interface PanelLine {
  readonly name: PolicyName;
  readonly points: readonly PanelPoint[];
}

/** Words beside a line, at a point of it, moved by some pixels. */
export interface Tag {
  readonly name: PolicyName;
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly down: number;
  readonly end?: boolean;
}

export interface Panel {
  readonly title: string;
  readonly unit: string;
  readonly lines: readonly PanelLine[];
  readonly tags: readonly Tag[];
  readonly yTicks: readonly number[];
  /** A level to look for, and what it is. */
  readonly limit?: { readonly y: number; readonly text: string };
}

/** The least and the most requests a second, and what is written under the axis. */
const X_RANGE = { from: 1, to: 2000 };
const X_TICKS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000];

export const PANEL_WIDTH = 400;
export const PANEL_HEIGHT = 190;

const format = (value: number) => value.toLocaleString("en-US");

/** A panel with its title above and its axes, the plot's upper left corner at 0, 0. */
export function drawPanel(panel: Panel): string {
  const top = Math.max(...panel.yTicks);
  const x = createLogarithmicScale(X_RANGE, { from: 0, to: PANEL_WIDTH });
  const y = createLinearScale({ from: 0, to: top }, { from: PANEL_HEIGHT, to: 0 });
  return [
    `<text class="ink title" x="0" y="-14">${panel.title}<tspan class="soft" font-weight="400">, ${panel.unit}</tspan></text>`,
    ...panel.yTicks.map((value) => drawLevel(value, y(value))),
    ...X_TICKS.map((value) => drawTick(value, x(value))),
    `<text class="soft tick end" x="${PANEL_WIDTH}" y="${PANEL_HEIGHT + 35}">requests a second</text>`,
    ...(panel.limit ? [drawLimit(panel.limit.text, y(panel.limit.y))] : []),
    ...panel.lines.map((line) => drawLine(line, x, y)),
    ...panel.tags.map((tag) => drawTag(tag, x, y)),
  ].join("\n");
}

function drawLevel(value: number, at: number): string {
  return [
    `<path class="${value === 0 ? "axis" : "grid"}" d="M0 ${at}H${PANEL_WIDTH}"/>`,
    `<text class="soft tick end" x="-8" y="${at + 4}">${format(value)}</text>`,
  ].join("");
}

function drawTick(value: number, at: number): string {
  return [
    `<path class="axis" d="M${at} ${PANEL_HEIGHT}v4"/>`,
    `<text class="soft tick middle" x="${at}" y="${PANEL_HEIGHT + 18}">${format(value)}</text>`,
  ].join("");
}

function drawLimit(text: string, at: number): string {
  return [
    `<path class="limit" d="M0 ${at}H${PANEL_WIDTH}"/>`,
    `<text class="soft tick" x="4" y="${at - 5}">${text}</text>`,
  ].join("");
}

/** In full as far as the policy keeps up, ending in a dot there; faint beyond. */
function drawLine({ name, points }: PanelLine, x: Scale, y: Scale): string {
  const lost = points.findIndex(({ held }) => !held);
  const kept = lost === -1 ? points : points.slice(0, lost);
  const beyond = lost === -1 ? [] : points.slice(Math.max(0, lost - 1));
  const end = lost === -1 ? undefined : kept.at(-1);
  return [
    `<g class="${name}">`,
    beyond.length > 1 ? `<path class="line faint" d="${trace(beyond, x, y)}"/>` : "",
    `<path class="line" d="${trace(kept, x, y)}"/>`,
    end ? `<circle class="dot" r="4.5" cx="${x(end.x)}" cy="${y(end.y)}"/>` : "",
    "</g>",
  ].join("");
}

const trace = (points: readonly PanelPoint[], x: Scale, y: Scale): string =>
  points.map((point, index) => `${index === 0 ? "M" : "L"}${x(point.x)} ${y(point.y)}`).join("");

function drawTag({ name, text, down, end, ...at }: Tag, x: Scale, y: Scale): string {
  const place = `x="${x(at.x)}" y="${y(at.y) + down}"`;
  return `<g class="${name}"><text class="tag halo${end ? " end" : ""}" ${place}>${text}</text></g>`;
}
