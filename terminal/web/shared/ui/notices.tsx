/** Notices, newest first: what the town's people wrote in full; other kinds in their screen's words. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { language, shortDate } from "../i18n";
import type { NoticeBoard } from "../notices";
import type { Answer, Circular, ExpiryWarning, NoticeLine } from "../protocol";
import { t } from "../words";
import { Waiting } from "./status";

interface Props {
  board: NoticeBoard;
  /** The town in addresses: its pictures are below its API. */
  town: string;
  warning?: ((body: ExpiryWarning) => JSX.Element) | undefined;
}

export function NoticeLines({ board, town, warning }: Props): JSX.Element {
  const [since] = useState(Date.now);
  const words = language.value;
  useEffect(() => {
    // In another language they read otherwise.
    if (words) void board.look().then(() => board.seen());
  }, [board, words]);
  const lines = board.lines.value;
  const state = board.state.value;
  return (
    <>
      {lines.length > 0 && (
        <ul class="notices">
          {lines.map((line) => (
            <Line key={line.notice} town={town} line={line} warning={warning} />
          ))}
        </ul>
      )}
      {state === "ready" && lines.length === 0 && <p class="soft">{t("notices.none")}</p>}
      {state === "loading" && lines.length === 0 && (
        <Waiting what={t("notices.loading")} since={since} next={t("notices.loading_next")} />
      )}
      {state === "failed" && (
        <button type="button" class="button button-wide" onClick={() => void board.look()}>
          {t("action.again")}
        </button>
      )}
      {state === "ready" && board.next.value !== null && (
        <button
          type="button"
          class="button button-wide"
          data-testid="notices-more"
          onClick={() => void board.more()}
        >
          {t("notices.older")}
        </button>
      )}
    </>
  );
}

interface LineProps {
  town: string;
  line: NoticeLine;
  warning?: ((body: ExpiryWarning) => JSX.Element) | undefined;
}

function Line({ town, line, warning }: LineProps): JSX.Element {
  const { body } = line;
  return (
    <li class="notice" data-testid={`notice-${line.notice}`} data-kind={body.kind}>
      <p class="small soft">
        {shortDate(line.at)}
        {!line.read && <strong class="notice-new">{t("notices.new")}</strong>}
      </p>
      {body.kind === "circular" && <Written town={town} body={body} />}
      {body.kind === "answer" && <Answered body={body} />}
      {body.kind === "expiry_warning" && warning?.(body)}
    </li>
  );
}

/** In the language that it was written in, which may not be the screen's. */
function Written({ town, body }: { town: string; body: Circular }): JSX.Element {
  return (
    <div lang={body.language}>
      <h2 class="notice-title">{body.title}</h2>
      {body.pictures.map((picture) => (
        <img
          key={picture.path}
          class="notice-picture"
          src={`/api/${town}/${picture.path}`}
          alt={picture.alt}
          width={picture.width}
          height={picture.height}
          loading="lazy"
        />
      ))}
      <p class="notice-text">{body.text}</p>
    </div>
  );
}

function Answered({ body }: { body: Answer }): JSX.Element {
  return (
    <>
      <h2 class="notice-title">{t("notices.answer")}</h2>
      <p class="small soft notice-text">
        {t(`notices.answer_${body.about}`, { asked: body.asked })}
      </p>
      <p class="notice-text">{body.text}</p>
    </>
  );
}
