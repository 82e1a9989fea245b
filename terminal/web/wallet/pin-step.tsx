import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { PinPad } from "../shared/ui/keypad";

/** Asks for the PIN; it leaves this component with the fourth digit and is kept nowhere. */
export function PinStep({
  lead,
  onPin,
}: {
  lead: string;
  onPin: (pin: string) => void;
}): JSX.Element {
  const [pin, setPin] = useState("");
  return (
    <div class="pad">
      <p class="centred soft">{lead}</p>
      <PinPad
        value={pin}
        onChange={setPin}
        onComplete={(complete) => {
          setPin("");
          onPin(complete);
        }}
      />
    </div>
  );
}
