import { translator } from "../i18n";
import { en } from "./en";
import { ja } from "./ja";

/** The words that all screens share. */
export const t = translator(ja, en);
