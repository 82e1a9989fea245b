/** What every screen does when its page starts. */
import "./ui/base.css";
import "./ui/parts.css";
import type { ComponentChild } from "preact";
import { render } from "preact";
import { startLanguage } from "./i18n";
import { startTheme } from "./ui/theme";

/** Language, light or dark, then the screen itself. */
export function startPage(screen: ComponentChild): void {
  startLanguage();
  startTheme();
  const place = document.getElementById("screen");
  if (!place) throw new Error("the page has no #screen");
  render(screen, place);
}
