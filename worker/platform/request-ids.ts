/**
 * Names for requests that bring none: the isolate's own random part and a count. As unique as random ones, and
 * costs a request nothing; guessing one gives nobody anything.
 */
export function createRequestIds(): () => string {
  // Randomness is not to be had before the first request.
  let isolate: string | undefined;
  let count = 0;
  return () => {
    isolate ??= crypto.randomUUID().replaceAll("-", "");
    return `${isolate}-${(++count).toString(36)}`;
  };
}
