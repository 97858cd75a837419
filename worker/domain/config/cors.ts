/** Whether the config allows a browser origin: by name, by `*`, or with any port (`http://localhost:*`). */
export function isOriginAllowed(origin: string, allowed: readonly string[]): boolean {
  return allowed.some((pattern) => {
    if (pattern === "*" || pattern === origin) return true;
    if (!pattern.endsWith(":*")) return false;
    const base = pattern.slice(0, -2);
    return (
      origin === base || (origin.startsWith(`${base}:`) && /^\d{1,5}$/.test(origin.slice(base.length + 1)))
    );
  });
}
