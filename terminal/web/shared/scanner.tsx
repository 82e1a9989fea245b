/**
 * Reads a QR or a bar code with the camera, or takes the digits by hand.
 *
 * The reader is ZXing as WebAssembly, served from our own address: no browser on an iPhone and none
 * on Linux detects bar codes by itself.
 */
import { BarcodeDetector, prepareZXingModule } from "barcode-detector/ponyfill";
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import wasmUrl from "zxing-wasm/reader/zxing_reader.wasm?url";
import { Memory } from "./memory";
import { Waiting } from "./ui/status";
import { t } from "./words";

// The reader asks for this; Safari has it since 15.4 only.
const base = Object as { hasOwn?: (of: object, key: PropertyKey) => boolean };
base.hasOwn ??= (of, key) => Object.getOwnPropertyDescriptor(of, key) !== undefined;

const READER = {
  locateFile: (path: string, prefix: string) => (path.endsWith(".wasm") ? wasmUrl : prefix + path),
};

// Said before any reader is made: its own default is somebody else's server.
prepareZXingModule({ overrides: READER });

/** Fetches and starts the reader; rejects where the browser is too old for it or it can't be had. */
function startReader(): Promise<unknown> {
  return prepareZXingModule({ overrides: READER, fireImmediately: true });
}

// Five looks a second read a code at once and leave an old phone cool.
const LOOK_EVERY_MS = 160;
// The same text again within this long is the same code still lying there.
const SAME_AGAIN_MS = 2500;

export type CameraTrouble = "denied" | "no_camera" | "busy_camera" | "insecure" | "no_reader";

const memory = new Memory("scanner");

function troubleOf(error: unknown): CameraTrouble {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  if (name === "NotReadableError" || name === "AbortError") return "busy_camera";
  return "no_camera";
}

async function openCamera(chosen: string | null): Promise<MediaStream> {
  const size = { width: { ideal: 1280 }, height: { ideal: 720 } };
  if (chosen) {
    try {
      return await navigator.mediaDevices.getUserMedia({
        video: { ...size, deviceId: { exact: chosen } },
      });
    } catch (error) {
      // The camera of last time may have been unplugged; any other trouble is told.
      if (troubleOf(error) !== "no_camera") throw error;
    }
  }
  return navigator.mediaDevices.getUserMedia({ video: { ...size, facingMode: "environment" } });
}

export interface ScannerProps {
  /** Each code once; the scanner goes on looking until it is taken away. */
  onRead: (text: string) => void;
  /** What to hold before the camera. */
  hint?: string;
  /** Begin with the digits' field: for a bar code reader that types, or a broken camera. */
  byHand?: boolean;
  /** How many digits a typed number may have. */
  digitsMax?: number;
}

export function Scanner({
  onRead,
  hint,
  byHand = false,
  digitsMax = 20,
}: ScannerProps): JSX.Element {
  const [isByHand, setByHand] = useState(byHand);
  const other = (
    <button
      type="button"
      class="button button-quiet button-wide"
      data-testid="scan-switch"
      onClick={() => setByHand(!isByHand)}
    >
      {isByHand ? t("scan.by_camera") : t("scan.by_hand")}
    </button>
  );
  return (
    <div class="scanner" data-testid="scanner">
      {isByHand ? (
        <ByHand onRead={onRead} digitsMax={digitsMax} other={other} />
      ) : (
        <ByCamera onRead={onRead} hint={hint ?? t("scan.aim")} other={other} />
      )}
    </div>
  );
}

interface ByCameraProps {
  onRead: (text: string) => void;
  hint: string;
  /** The button to the other way: above what comes later, so that it never moves under a finger. */
  other: JSX.Element;
}

function ByCamera({ onRead, hint, other }: ByCameraProps): JSX.Element {
  const video = useRef<HTMLVideoElement>(null);
  const read = useRef(onRead);
  read.current = onRead;
  const [since] = useState(Date.now);
  const [isLive, setLive] = useState(false);
  const [trouble, setTrouble] = useState<CameraTrouble | null>(null);
  const [cameras, setCameras] = useState<MediaDeviceInfo[]>([]);
  const [camera, setCamera] = useState<string | null>(() => memory.read<string>("camera"));

  useEffect(() => {
    let isOver = false;
    let stream: MediaStream | null = null;
    let timer: ReturnType<typeof setTimeout> | null = null;
    let last = { text: "", at: 0 };
    const detector = new BarcodeDetector({ formats: ["qr_code", "code_128"] });

    const look = async (): Promise<void> => {
      const view = video.current;
      if (isOver || !view) return;
      if (view.readyState >= 2 && !document.hidden) {
        try {
          const found = (await detector.detect(view))[0]?.rawValue;
          const isSame = found === last.text && Date.now() - last.at < SAME_AGAIN_MS;
          if (found && !isOver) {
            last = { text: found, at: Date.now() };
            if (!isSame) read.current(found);
          }
        } catch {
          // A frame that can't be read; the next one comes in a moment.
        }
      }
      timer = setTimeout(() => void look(), LOOK_EVERY_MS);
    };

    const begin = async (): Promise<void> => {
      setTrouble(null);
      setLive(false);
      if (!navigator.mediaDevices?.getUserMedia) return setTrouble("insecure");
      // Both take their time; neither waits for the other.
      const reader = startReader().then(
        () => true,
        () => false,
      );
      try {
        stream = await openCamera(camera);
      } catch (error) {
        if (!isOver) setTrouble(troubleOf(error));
        return;
      }
      if (!(await reader)) {
        stopStream(stream);
        if (!isOver) setTrouble("no_reader");
        return;
      }
      if (isOver || !video.current) return stopStream(stream);
      video.current.srcObject = stream;
      await video.current.play().catch(() => undefined);
      setLive(true);
      const devices = await navigator.mediaDevices.enumerateDevices();
      if (!isOver) setCameras(devices.filter((device) => device.kind === "videoinput"));
      void look();
    };

    void begin();
    return () => {
      isOver = true;
      if (timer !== null) clearTimeout(timer);
      stopStream(stream);
    };
  }, [camera]);

  const choose = (id: string): void => {
    memory.write("camera", id);
    setCamera(id);
  };

  if (trouble) {
    return (
      <>
        <div
          class="card stack-tight scanner-trouble"
          role="alert"
          data-testid="camera-trouble"
          data-trouble={trouble}
        >
          <p class="trouble-what">{t(`scan.${trouble}`)}</p>
          {trouble !== "insecure" && <p>{t(`scan.${trouble}_next`)}</p>}
        </div>
        {other}
      </>
    );
  }
  return (
    <>
      <div class="scanner-view">
        <video ref={video} class="scanner-video" muted playsInline data-testid="camera" />
        {isLive && <div class="scanner-frame" aria-hidden="true" />}
        {isLive && <p class="scanner-say">{hint}</p>}
        {/* In the picture's place: what stands below must not move. */}
        {!isLive && (
          <Waiting what={t("scan.starting")} since={since} next={t("scan.denied_next")} />
        )}
      </div>
      {other}
      {cameras.length > 1 && (
        <label class="field">
          <span class="field-label">{t("scan.choose")}</span>
          <select
            class="field-input"
            data-testid="camera-choice"
            value={camera ?? ""}
            onChange={(event) => choose(event.currentTarget.value)}
          >
            {cameras.map((device, index) => (
              <option key={device.deviceId} value={device.deviceId}>
                {device.label || t("scan.camera_n", { n: index + 1 })}
              </option>
            ))}
          </select>
        </label>
      )}
    </>
  );
}

function stopStream(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

function ByHand({
  onRead,
  digitsMax,
  other,
}: {
  onRead: (text: string) => void;
  digitsMax: number;
  other: JSX.Element;
}): JSX.Element {
  const [text, setText] = useState("");
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim()) onRead(text.trim());
      }}
    >
      <label class="field">
        <span class="field-label">{t("scan.number")}</span>
        <input
          class="field-input"
          data-testid="scan-digits"
          inputMode="numeric"
          autocomplete="off"
          // Spaces between groups of four, and room for what a reader types before them.
          maxLength={digitsMax + 10}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          autofocus
        />
      </label>
      <button
        type="submit"
        class="button button-primary button-wide"
        data-testid="scan-use"
        disabled={text.trim() === ""}
      >
        {t("scan.read")}
      </button>
      {other}
    </form>
  );
}
