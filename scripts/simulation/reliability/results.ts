import { type Amplified, measureAmplification } from "./amplification.ts";
import { measureYear, type Year } from "./brown-outs.ts";
import { measureFailures, type Survived } from "./failures.ts";
import { type Hedged, measureHedging } from "./hedging.ts";
import { measureRecovery, type Recovered } from "./recovery.ts";

/** All that the documentation has of the simulated policies. */
export interface Results {
  readonly amplified: readonly Amplified[];
  readonly survived: readonly Survived[];
  readonly hedged: Hedged;
  readonly recovered: readonly Recovered[];
  readonly year: Year;
}

export const measureReliability = async (): Promise<Results> => ({
  amplified: await measureAmplification(),
  survived: await measureFailures(),
  hedged: await measureHedging(),
  recovered: await measureRecovery(),
  year: await measureYear(),
});
