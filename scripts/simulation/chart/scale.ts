/** From a value to a position on the page, in pixels rounded to tenths: the same bytes on every machine. */
export type Scale = (value: number) => number;

export interface Range {
  readonly from: number;
  readonly to: number;
}

export const createLinearScale = (values: Range, pixels: Range): Scale => {
  const perUnit = (pixels.to - pixels.from) / (values.to - values.from);
  return (value) => round(pixels.from + (value - values.from) * perUnit);
};

export const createLogarithmicScale = (values: Range, pixels: Range): Scale => {
  const linear = createLinearScale({ from: Math.log(values.from), to: Math.log(values.to) }, pixels);
  return (value) => linear(Math.log(value));
};

export const round = (pixels: number): number => Math.round(pixels * 10) / 10;
