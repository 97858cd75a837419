/** The Worker's bundler hands `.bin` files over as bytes (module rule "Data"). */
declare module "*.bin" {
  const bytes: ArrayBuffer;
  export default bytes;
}
