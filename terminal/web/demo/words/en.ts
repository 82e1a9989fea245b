import type { ja } from "./ja";

export const en: Record<keyof typeof ja, string> = {
  title: "Make a first payment",
  lead: "A wallet, a shop's tablet and the console, live on one page. All money and people are made up.",
  "screen.wallet": "Wallet",
  "screen.tablet": "Shop's tablet",
  "screen.console": "Console",
  "screen.open": "Open by itself",
  "step.1": "In the wallet touch “Show my code”, enter an amount, then the PIN {pin}.",
  "step.2": "Touch “Hand the code to the tablet” (it stands for the camera here).",
  "step.3": "On the tablet check the amount and take it: both screens show it and sound.",
  "step.done": "The first payment is made! The console has seen it, too.",
  hand: "Hand the code to the tablet",
  handed: "Handed over",
  again: "Once more",
  sms: "SMS inbox",
  docs: "The APIs",
  entering: "Preparing the demo…",
  "entering.slow": "Check the connection. It tries again by itself.",
  tabs: "Choose a screen",
};
