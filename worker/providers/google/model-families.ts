/**
 * What differs between Gemini's generations. Names without a generation (`gemini-flash-latest`) and newer
 * ones count as the newest.
 */

/** Gemini 2.5 takes thinking as a number of tokens, all after it as a level. */
export const thinksByBudget = (model: string): boolean => /gemini-2\.5/.test(model);

/** Gemini 3 and later insist on the signatures of their calls, and take pictures in the results of tools. */
export const isThirdOrLater = (model: string): boolean =>
  /gemini-/.test(model) && !/gemini-[12]\.\d/.test(model);

/** The Pro models cannot think less than a little. */
export const isPro = (model: string): boolean => /-pro\b/.test(model);
