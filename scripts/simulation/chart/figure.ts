import { POLICY_NAMES } from "../policies.ts";
import { CASES, type Sweeps } from "../sweep.ts";
import { drawPanel, PANEL_HEIGHT, PANEL_WIDTH, type Panel } from "./panel.ts";
import { drawAnswered, drawCalls, drawMedians, drawTails, LABELS } from "./panels.ts";
import { STYLE } from "./style.ts";

const WIDTH = 960;
const MARGIN = 28;
const LEFT = 66;
const GAP = 60;
/** A row of panels with what is written over and under them. */
const ROW = PANEL_HEIGHT + 92;
/** From the words over a case down to its first plot. */
const CASE = 56;
const FIRST_CASE = 126;
const SECOND_CASE = FIRST_CASE + 2 * ROW + 40;
const HEIGHT = SECOND_CASE + CASE + PANEL_HEIGHT + 58;
const MILLISECONDS = [0, 25, 50, 75, 100, 125, 150];

/** The whole figure, an SVG that needs nothing but itself. */
export function drawFigure({ steep, triton }: Sweeps): string {
  const hundreds = [0, 100, 200, 300, 400, 500, 600, 700];
  const fifties = [0, 50, 100, 150, 200, 250, 300];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-labelledby="name about">`,
    `<title id="name">Group windows over load, simulated</title>`,
    `<desc id="about">Latency, answers in time and upstream calls of a greedy group window, of fixed windows and of no window, from 1 to 2,000 requests a second.</desc>`,
    `<style>${STYLE}</style>`,
    `<rect class="ground" x="0.5" y="0.5" width="${WIDTH - 1}" height="${HEIGHT - 1}" rx="10"/>`,
    drawHead(),
    drawCaseTitle(CASES.steep.title, FIRST_CASE),
    drawRow([drawMedians(steep, MILLISECONDS), drawTails(steep, MILLISECONDS)], FIRST_CASE + CASE),
    drawRow([drawAnswered(steep, hundreds), drawCalls(steep)], FIRST_CASE + CASE + ROW),
    drawCaseTitle(CASES.triton.title, SECOND_CASE),
    drawRow(
      [drawMedians(triton, MILLISECONDS.slice(0, -1)), drawAnswered(triton, fifties)],
      SECOND_CASE + CASE,
    ),
    "</svg>",
    "",
  ].join("\n");
}

function drawHead(): string {
  const legend = POLICY_NAMES.map((name, index) => {
    const at = MARGIN + index * 132;
    const swatch = `<path class="line ${name}" d="M${at} 84h22"/>`;
    return `<g class="${name}">${swatch}<text class="ink" x="${at + 29}" y="88">${LABELS[name]}</text></g>`;
  });
  return [
    `<text class="ink heading" x="${MARGIN}" y="38">A window that never waits, and groups all the same</text>`,
    `<text class="soft" x="${MARGIN}" y="60">Simulated, from 1 to 2,000 requests a second. A dot is the most load at which 99 % are answered in time; beyond it, lines are faint.</text>`,
    ...legend,
  ].join("\n");
}

function drawCaseTitle(title: string, top: number): string {
  return `<text class="ink case" x="${MARGIN}" y="${top + 10}">${title}</text>`;
}

function drawRow(panels: readonly Panel[], top: number): string {
  return panels
    .map((panel, index) => {
      const left = LEFT + index * (PANEL_WIDTH + GAP);
      return `<g transform="translate(${left} ${top})">\n${drawPanel(panel)}\n</g>`;
    })
    .join("\n");
}
