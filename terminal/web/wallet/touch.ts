/**
 * Reading what a shop has for touching: an NFC tag. Only some browsers can (Web NFC: Chrome on
 * Android); where they can't, the camera and the keypad do.
 */
import { type Question, questionOf } from "./shops";

export interface TagRecord {
  recordType: string;
  data?: DataView | undefined;
}

interface TagEvent extends Event {
  serialNumber: string;
  message: { records: readonly TagRecord[] };
}

interface TagReader extends EventTarget {
  scan(options: { signal: AbortSignal }): Promise<void>;
}

function readerClass(): (new () => TagReader) | undefined {
  return (globalThis as { NDEFReader?: new () => TagReader }).NDEFReader;
}

export function canTouch(): boolean {
  return readerClass() !== undefined;
}

/** A tag that holds the address of our own sticker is read as the sticker; else its id asks. */
export function questionOfTag(
  serial: string,
  records: readonly TagRecord[],
  town: string,
): Question | null {
  for (const { recordType, data } of records) {
    if (recordType !== "url" || !data) continue;
    const asked = questionOf(new TextDecoder().decode(data), town);
    if ("code" in asked) return asked;
  }
  return serial === "" ? null : { text: serial, by: "device" };
}

/**
 * Waits for a touch until `signal` ends it. Rejects where the person or the device doesn't allow it;
 * a tag that can't be read is passed over, and can be touched again.
 */
export async function awaitTouch(
  town: string,
  signal: AbortSignal,
  onTouch: (question: Question) => void,
): Promise<void> {
  const Reader = readerClass();
  if (!Reader) throw new Error("this browser reads no tags");
  const reader = new Reader();
  reader.addEventListener("reading", (event) => {
    const { serialNumber, message } = event as TagEvent;
    const question = questionOfTag(serialNumber, message.records, town);
    if (question && !signal.aborted) onTouch(question);
  });
  await reader.scan({ signal });
}
