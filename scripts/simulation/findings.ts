import { CASES, type Point, type Sweep, type Sweeps } from "./sweep.ts";
import { findKept } from "./tables.ts";

const LOW = 20;

/** What the numbers mean, in sentences that are built from the numbers. */
export function writeFindings({ steep, triton }: Sweeps): string {
  return [
    `- **Nobody waits for nothing.** ${writeLowLoad(steep)}`,
    `- **The queue is the group.** ${writeHighLoad(steep)} ${writeCalls(steep)}`,
    `- **Too much load costs those that are refused, not all.** ${writeOverload(steep)}`,
    `- **Small groups help too.** In Triton's case, of up to ${CASES.triton.upstream.maxItems} items a call, ` +
      `the window answers ${writeRatio(triton)}.`,
  ].join("\n");
}

function writeLowLoad({ greedy, fixed5, fixed50, separate }: Sweep): string {
  const [own, five, fifty, alone] = [greedy, fixed5, fixed50, separate].map((points) => {
    const ms = points.find(({ load }) => load === LOW)?.medianMs ?? Number.NaN;
    return `${ms.toFixed(1)} ms`;
  });
  return (
    `At ${LOW} requests a second the median is ${own}, and ${alone} without groups; a window of 5 ms makes ` +
    `it ${five}, one of 50 ms ${fifty}.`
  );
}

function writeHighLoad({ greedy, separate }: Sweep): string {
  const [kept, alone] = [findKept(greedy), findKept(separate)];
  return (
    `One call each answers ${writeMost(separate)} a second and keeps its deadlines up to ${alone?.load}; the window ` +
    `keeps them up to ${kept?.load}, with ${kept?.meanGroup.toFixed(0)} items a call.`
  );
}

function writeCalls({ greedy }: Sweep): string {
  const [low, middle, high] = [LOW, 100, 400].map((at) => {
    const point = greedy.find(({ load }) => load === at);
    return `${point?.callsPer1000.toFixed(0)} at ${at}`;
  });
  return `Its calls for 1,000 requests: ${low} a second, ${middle}, ${high}.`;
}

function writeOverload(sweep: Sweep): string {
  const last = (points: readonly Point[]) => points.at(-1)?.inTimePerSecond.toFixed(0);
  const fixed = [sweep.fixed5, sweep.fixed20, sweep.fixed50].map(last);
  return (
    `At 2,000 a second ${last(sweep.greedy)} are still answered in time; with windows of 5, 20 and 50 ms it ` +
    `is ${fixed.join(", ")}: they call for what will be late, and so make the next late as well.`
  );
}

function writeRatio({ greedy, separate }: Sweep): string {
  const times = (most(greedy) / most(separate)).toFixed(1);
  const [own, alone] = [writeMost(greedy), writeMost(separate)];
  return `${own} a second in time where one call each answers ${alone}: ${times} times as many`;
}

const most = (points: readonly Point[]) => Math.max(...points.map(({ inTimePerSecond }) => inTimePerSecond));

const writeMost = (points: readonly Point[]) => most(points).toFixed(0);
