import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** Styles text for stdout, which may be no terminal, or one that wants no colours (NO_COLOR). */
const paint = (style: Style) => (text: string) => styleText(style, text, { stream: process.stdout });

export const bold = paint("bold");
export const dim = paint("dim");
export const accent = paint("cyan");
export const good = paint("green");
export const warning = paint("yellow");

/** Writes one line, indented like all that the commands print. */
export const print = (line = ""): void => void process.stdout.write(line === "" ? "\n" : `  ${line}\n`);
