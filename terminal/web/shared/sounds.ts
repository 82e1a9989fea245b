/**
 * The house's own sounds, synthesised in the browser: nothing is downloaded, nothing is borrowed.
 *
 * `Sounds.play` promises the truth: `true` only when the audio clock ran through the whole sound
 * and the analyser at the end of the graph heard it. A screen says "sounded" on that word alone.
 */
import { type ReadonlySignal, signal } from "@preact/signals";
import {
  melody,
  type Note,
  type Overtone,
  partials,
  SOUND_NAMES,
  type SoundName,
  VOICES,
  type Voice,
} from "./melodies";
import { Memory } from "./memory";

export { SOUND_NAMES, type SoundName, VOICES, type Voice };

export interface SoundChoice {
  voice: Voice;
  /** 0 (silent) to 1 (as loud as the device goes). */
  volume: number;
}

/** Silence below this peak (of 1.0): what an idle graph's rounding could show is far less. */
const HEARD_PEAK_MIN = 0.002;
const ATTACK_S = 0.004;
const CHOICE_DEFAULT: SoundChoice = { voice: "chime", volume: 0.8 };

/** The loudness ear follows roughly the square of the slider. */
export function gainOf(volume: number): number {
  const clamped = Math.min(1, Math.max(0, volume));
  return clamped * clamped;
}

/** What was really heard at the end of the graph, newest last; tests and the sound check read it. */
export interface Heard {
  name: SoundName;
  voice: Voice;
  at: number;
  peak: number;
  loudest_hz: number;
}

export type SoundState = "locked" | "ready" | "unavailable";

function readChoice(memory: Memory): SoundChoice {
  const stored = memory.read<Partial<SoundChoice>>("choice");
  const voice = VOICES.find((known) => known === stored?.voice) ?? CHOICE_DEFAULT.voice;
  const volume = typeof stored?.volume === "number" ? stored.volume : CHOICE_DEFAULT.volume;
  return { voice, volume: Math.min(1, Math.max(0, volume)) };
}

/**
 * One audio graph a page: notes → volume → limiter → analyser → loudspeaker.
 *
 * Browsers keep audio suspended until a person touches the page (and iOS takes it away again on a
 * phone call), so the graph listens for gestures for as long as it lives, not for the first alone.
 */
export class Sounds {
  readonly heard: Heard[] = [];
  analyser: AnalyserNode | null = null;
  private context: AudioContext | null = null;
  private volume: GainNode | null = null;
  private readonly stateSignal = signal<SoundState>("locked");
  private readonly memory = new Memory("sounds");
  private readonly choiceSignal = signal<SoundChoice>(readChoice(this.memory));

  constructor() {
    for (const gesture of ["pointerdown", "pointerup", "keydown", "touchend"]) {
      document.addEventListener(gesture, () => void this.unlock(), {
        capture: true,
        passive: true,
      });
    }
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && this.context) void this.unlock();
    });
  }

  /** `locked` until a gesture has let the sound out; screens say so instead of staying silently mute. */
  get state(): ReadonlySignal<SoundState> {
    return this.stateSignal;
  }

  get choice(): ReadonlySignal<SoundChoice> {
    return this.choiceSignal;
  }

  choose(change: Partial<SoundChoice>): void {
    this.choiceSignal.value = { ...this.choiceSignal.value, ...change };
    if (this.volume) this.volume.gain.value = gainOf(this.choiceSignal.value.volume);
    this.memory.write("choice", this.choiceSignal.value);
  }

  /** Brings the graph to life; to be called from a gesture. Resolves whether sound can sound now. */
  async unlock(): Promise<boolean> {
    const context = this.context ?? this.build();
    if (!context) return false;
    if (context.state !== "running") {
      try {
        // Outside a gesture `resume` stays pending for ever in some browsers: don't wait for it alone.
        await Promise.race([context.resume(), new Promise((done) => setTimeout(done, 300))]);
      } catch {
        return false;
      }
    }
    return this.isRunning();
  }

  /**
   * Plays a sound once. True when all of it was rendered by a running context and was not silent;
   * false when it could not be (locked, muted, taken away by the system). Never throws.
   */
  async play(name: SoundName): Promise<boolean> {
    await this.unlock();
    const { context, volume, analyser } = this;
    if (!context || !volume || !analyser || !this.isRunning()) return false;
    const { voice } = this.choiceSignal.value;
    const begin_s = context.currentTime + 0.02;
    let last: OscillatorNode | null = null;
    let last_s = 0;
    for (const note of melody(name)) {
      for (const partial of partials(name, voice)) {
        const oscillator = strike(context, volume, note, partial, begin_s);
        const end_s = note.start_s + note.length_s;
        if (!last || end_s >= last_s) [last, last_s] = [oscillator, end_s];
      }
    }
    const listener = listen(context, analyser);
    const ended = await endOf(last, last_s + 1);
    const { peak, loudest_hz } = listener.stop();
    const sounded = ended && this.isRunning() && peak >= HEARD_PEAK_MIN;
    if (sounded) {
      this.heard.push({ name, voice, at: Date.now(), peak, loudest_hz });
      if (this.heard.length > 100) this.heard.shift();
    }
    return sounded;
  }

  private isRunning(): boolean {
    return this.context?.state === "running";
  }

  private build(): AudioContext | null {
    const Context =
      window.AudioContext ??
      (window as unknown as { webkitAudioContext?: typeof AudioContext }).webkitAudioContext;
    if (!Context) {
      this.stateSignal.value = "unavailable";
      return null;
    }
    // Without this, an iPad's mute switch silences the till.
    const session = (navigator as unknown as { audioSession?: { type: string } }).audioSession;
    if (session) session.type = "playback";
    const context = new Context();
    const volume = context.createGain();
    volume.gain.value = gainOf(this.choiceSignal.value.volume);
    const limiter = context.createDynamicsCompressor();
    limiter.threshold.value = -9;
    limiter.knee.value = 6;
    limiter.ratio.value = 12;
    limiter.attack.value = 0.002;
    limiter.release.value = 0.12;
    const analyser = context.createAnalyser();
    analyser.fftSize = 4096;
    analyser.smoothingTimeConstant = 0;
    volume.connect(limiter).connect(analyser).connect(context.destination);
    context.addEventListener("statechange", () => this.tellState());
    [this.context, this.volume, this.analyser] = [context, volume, analyser];
    this.tellState();
    return context;
  }

  private tellState(): void {
    this.stateSignal.value = this.isRunning() ? "ready" : "locked";
  }
}

function strike(
  context: AudioContext,
  into: AudioNode,
  note: Note,
  partial: Overtone,
  begin_s: number,
): OscillatorNode {
  const oscillator = context.createOscillator();
  const envelope = context.createGain();
  const start_s = begin_s + note.start_s;
  const level = note.level * partial.level;
  oscillator.frequency.value = note.hz * partial.ratio;
  envelope.gain.setValueAtTime(0.0001, start_s);
  envelope.gain.exponentialRampToValueAtTime(level, start_s + ATTACK_S);
  envelope.gain.setTargetAtTime(0.0001, start_s + ATTACK_S, note.length_s / (5 * partial.decay));
  oscillator.connect(envelope).connect(into);
  oscillator.start(start_s);
  oscillator.stop(start_s + note.length_s);
  oscillator.addEventListener("ended", () => envelope.disconnect());
  return oscillator;
}

/** Resolves true when the audio clock itself has passed the oscillator's end. */
function endOf(oscillator: OscillatorNode | null, patience_s: number): Promise<boolean> {
  if (!oscillator) return Promise.resolve(false);
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), (patience_s + 0.5) * 1000);
    oscillator.addEventListener("ended", () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

/** Watches what comes out of the graph until it is stopped. */
function listen(
  context: AudioContext,
  analyser: AnalyserNode,
): { stop(): { peak: number; loudest_hz: number } } {
  const wave = new Float32Array(analyser.fftSize);
  const spectrum = new Float32Array(analyser.frequencyBinCount);
  // The analyser looks back this far; what an earlier sound left there is none of this one.
  const from_s = context.currentTime + analyser.fftSize / context.sampleRate;
  let peak = 0;
  let loudest_hz = 0;
  const look = (): void => {
    if (context.currentTime < from_s) return;
    analyser.getFloatTimeDomainData(wave);
    const now = wave.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    if (now <= peak) return;
    peak = now;
    analyser.getFloatFrequencyData(spectrum);
    let bin = 0;
    spectrum.forEach((level, index) => {
      if (level > (spectrum[bin] ?? -Infinity)) bin = index;
    });
    loudest_hz = (bin * context.sampleRate) / analyser.fftSize;
  };
  const timer = setInterval(look, 40);
  return {
    stop() {
      clearInterval(timer);
      look();
      return { peak, loudest_hz };
    },
  };
}

let theSounds: Sounds | null = null;

/** The page's one graph. It hangs on `window.kobanSounds` so that a test can listen at its analyser. */
export function sounds(): Sounds {
  if (!theSounds) {
    theSounds = new Sounds();
    (window as unknown as { kobanSounds: Sounds }).kobanSounds = theSounds;
  }
  return theSounds;
}
