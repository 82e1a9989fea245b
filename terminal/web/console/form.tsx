/** A form in a dialog: it stays, with its words, until what it asks for is done. */
import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import type { Explanation } from "../shared/explain";
import { Dialog } from "../shared/ui/dialog";
import { Trouble } from "../shared/ui/status";
import { t as common } from "../shared/words";
import { troubleOf } from "./places";

interface FormProps {
  title: string;
  submit: string;
  /** What leaving is called; without it, giving up. */
  leave?: string;
  isReady: boolean;
  /** Carries it out; what it throws is shown, and the form stays. */
  onSubmit: () => Promise<void>;
  onClose: () => void;
  testid: string;
  children: ComponentChildren;
}

export function Form({
  title,
  submit,
  leave,
  isReady,
  onSubmit,
  onClose,
  testid,
  children,
}: FormProps): JSX.Element {
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Explanation | null>(null);
  const send = async (): Promise<void> => {
    setBusy(true);
    setTrouble(null);
    try {
      await onSubmit();
    } catch (error) {
      setTrouble(troubleOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose} testid={testid}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady && !isBusy) void send();
        }}
      >
        {children}
        {trouble && <Trouble explanation={trouble} />}
        <button
          type="submit"
          class="button button-primary button-wide"
          data-testid={`${testid}-go`}
          disabled={!isReady || isBusy}
        >
          {submit}
        </button>
        <button type="button" class="button button-quiet button-wide" onClick={onClose}>
          {leave ?? common("action.cancel")}
        </button>
      </form>
    </Dialog>
  );
}

interface TextProps {
  name: string;
  value: string;
  onChange: (value: string) => void;
  hint?: string;
  isNumeric?: boolean;
  max?: number;
  testid: string;
}

export function Text({
  name,
  value,
  onChange,
  hint,
  isNumeric,
  max = 60,
  testid,
}: TextProps): JSX.Element {
  return (
    <label class="field">
      <span class="field-label">{name}</span>
      <input
        class="field-input"
        data-testid={testid}
        autocomplete="off"
        inputMode={isNumeric ? "numeric" : "text"}
        maxLength={max}
        value={value}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      {hint && <span class="field-hint">{hint}</span>}
    </label>
  );
}
