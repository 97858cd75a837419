/** Packs a vector as OpenAI's `encoding_format: "base64"` does: little-endian 32-bit floats. */
export function packVector(values: readonly number[]): string {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  values.forEach((value, index) => view.setFloat32(index * 4, value, true));
  return btoa(String.fromCharCode(...new Uint8Array(view.buffer)));
}
