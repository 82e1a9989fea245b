/** Three real screens in frames of our own origin, and the guide that watches them. */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { LANGUAGES, language, speak } from "../shared/i18n";
import { Check } from "../shared/ui/icons";
import { GUIDE_START, type Guide, hand, look } from "./guide";
import { t } from "./words";

const SCREENS = ["wallet", "tablet", "console"] as const;
type Screen = (typeof SCREENS)[number];

// The page looks at its frames so often; a newcomer feels no delay.
const LOOK_EVERY_MS = 250;
const PIN = "1234"; // Of the demo's people, whose money is made up.
const ALLOW = "autoplay; camera; fullscreen; screen-wake-lock; clipboard-write";
const NAMES = { ja: "日本語", en: "English" } as const;

export function Stage({ town }: { town: string }): JSX.Element {
  const frames = useRef<Partial<Record<Screen, HTMLIFrameElement | null>>>({});
  const [chosen, setChosen] = useState<Screen>("wallet");
  const [guide, setGuide] = useState<Guide>(GUIDE_START);
  const [code, setCode] = useState<string | null>(null);

  useEffect(() => {
    const timer = setInterval(() => {
      const shown = seenIn(frames.current.wallet, '[data-testid="code"]', "data-code");
      const success = seenIn(frames.current.tablet, '[data-testid="success-receipt"]', "data-id");
      setCode(shown);
      setGuide((before) => look(before, { code: shown, success }));
    }, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, []);

  const handOver = (): void => {
    if (code === null) return;
    frames.current.tablet?.contentWindow?.postMessage(
      { koban: "demo.code", code },
      location.origin,
    );
    setGuide(hand(code));
    setChosen("tablet");
  };
  const again = (): void => {
    setGuide(GUIDE_START);
    setChosen("wallet");
  };
  const change = (to: "ja" | "en"): void => {
    speak(to);
    // The screens keep the language themselves; they are told as a person would tell them.
    for (const screen of SCREENS) frames.current[screen]?.contentWindow?.location.reload();
  };

  return (
    <div class="stage" data-testid="demo">
      <header class="stage-head">
        <div class="stage-title">
          <h1>{t("title")}</h1>
          <p class="small soft">{t("lead")}</p>
        </div>
        <div class="stage-links">
          <a
            class="button button-quiet"
            href="/demo/sms"
            target="_blank"
            data-testid="sms-inbox"
            rel="noopener"
          >
            {t("sms")}
          </a>
          <a class="button button-quiet" href="/docs/http" target="_blank" rel="noopener">
            {t("docs")}
          </a>
          {LANGUAGES.filter((known) => known !== language.value).map((known) => (
            <button
              key={known}
              type="button"
              class="button button-quiet"
              lang={known}
              data-testid={`language-${known}`}
              onClick={() => change(known)}
            >
              {NAMES[known]}
            </button>
          ))}
        </div>
        <Steps guide={guide} onHand={code === null ? null : handOver} onAgain={again} />
      </header>
      <nav class="stage-tabs" aria-label={t("tabs")}>
        {SCREENS.map((screen) => (
          <button
            key={screen}
            type="button"
            class="stage-tab"
            aria-current={screen === chosen ? "true" : undefined}
            data-testid={`demo-tab-${screen}`}
            onClick={() => setChosen(screen)}
          >
            {t(`screen.${screen}`)}
          </button>
        ))}
      </nav>
      <main class="stage-frames">
        {SCREENS.map((screen) => (
          <section
            key={screen}
            class={`stage-screen stage-${screen}${screen === chosen ? " stage-chosen" : ""}`}
          >
            <h2>
              {t(`screen.${screen}`)}{" "}
              <a class="small" href={`/${town}/${screen}`} target="_blank" rel="noopener">
                {t("screen.open")}
              </a>
            </h2>
            <iframe
              ref={(frame) => {
                frames.current[screen] = frame;
              }}
              title={t(`screen.${screen}`)}
              src={`/${town}/${screen}`}
              allow={ALLOW}
              data-testid={`demo-${screen}`}
            />
          </section>
        ))}
      </main>
    </div>
  );
}

/** What a frame shows; a frame that is loading shows nothing. */
function seenIn(
  frame: HTMLIFrameElement | null | undefined,
  selector: string,
  attribute: string,
): string | null {
  return frame?.contentDocument?.querySelector(selector)?.getAttribute(attribute) ?? null;
}

interface StepsProps {
  guide: Guide;
  /** Null while the wallet shows no code. */
  onHand: (() => void) | null;
  onAgain: () => void;
}

function Steps({ guide, onHand, onAgain }: StepsProps): JSX.Element {
  if (guide.step === "done") {
    return (
      <div class="stage-done" role="status" data-testid="demo-done">
        <Check />
        <p>{t("step.done")}</p>
        <button type="button" class="button" data-testid="demo-again" onClick={onAgain}>
          {t("again")}
        </button>
      </div>
    );
  }
  const now = guide.step;
  const look = (step: number): string =>
    step === now ? "step-now" : step < now ? "step-past" : "step-next";
  return (
    <ol class="stage-steps" data-testid="demo-steps" data-step={now}>
      {([1, 2, 3] as const).map((step) => (
        <li
          key={step}
          class={`stage-step ${look(step)}`}
          aria-current={step === now ? "step" : undefined}
        >
          <span class="step-number">{step < now ? <Check /> : step}</span>
          <div>
            <p>{t(`step.${step}`, { pin: PIN })}</p>
            {step === 2 && (
              <button
                type="button"
                class="button button-primary"
                data-testid="hand-over"
                disabled={onHand === null || now === 3}
                onClick={() => onHand?.()}
              >
                {now === 3 ? t("handed") : t("hand")}
              </button>
            )}
          </div>
        </li>
      ))}
    </ol>
  );
}
