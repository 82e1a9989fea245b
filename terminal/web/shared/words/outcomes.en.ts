import type { OutcomeCode, OutcomeWords } from "./outcomes.ja";

/** Outcomes and errors: what happened, is the money safe, what next. */
export const outcomesEn: Record<OutcomeCode, OutcomeWords> = {
  id_reused: {
    what: "Another request already has this number",
    money: "untouched",
    next: "Please start again.",
  },
  wallet_unknown: {
    what: "This wallet was not found",
    money: "untouched",
    next: "Please sign in again.",
    next_shop: "Ask the customer to show a new code.",
  },
  wallet_frozen: {
    what: "This wallet is suspended for now",
    money: "untouched",
    next: "Please call the contact number.",
    next_shop: "Ask the customer to pay in another way.",
  },
  code_unknown: {
    what: "This code can't be used",
    money: "untouched",
    next: "Please show a new code.",
    next_shop: "Ask the customer to show a new code.",
  },
  code_expired: {
    what: "The code has expired",
    money: "untouched",
    next: "Please show a new code.",
    next_shop: "Ask the customer to show a new code.",
  },
  code_used: {
    what: "This code has already been used",
    money: "untouched",
    next: "Look in the history: the payment may be done already.",
    next_shop: "Check the list for the payment first; then ask for a new code.",
  },
  code_wrong_purpose: {
    what: "This code is for something else",
    money: "untouched",
    next: "Paying and topping up use different codes.",
    next_shop: "Ask for a payment code to take a payment, a top-up code to top up.",
  },
  shop_unknown: {
    what: "The shop was not found",
    money: "untouched",
    next: "Scan the shop's code again.",
  },
  shop_closed: {
    what: "This shop can't take payments now",
    money: "untouched",
    next: "Please ask the staff.",
    next_shop: "Please call the operator.",
  },
  terminal_revoked: {
    what: "This device may no longer be used",
    money: "untouched",
    next: "Please call the operator.",
  },
  payment_unknown: {
    what: "That payment was not found",
    money: "untouched",
    next: "Choose it from the list again.",
  },
  question_expired: {
    what: "The time for this question is over",
    money: "untouched",
    next: "To pay, please start again.",
  },
  question_answered: {
    what: "This question has been answered",
    money: "untouched",
    next: "See the history for the result.",
  },
  already_reversed: {
    what: "This payment has already been cancelled",
    money: "untouched",
    next: "See the history.",
  },
  reversal_too_late: {
    what: "It is too late to cancel this payment",
    money: "untouched",
    next: "Please ask the operator.",
  },
  amount_required: {
    what: "An amount is needed",
    money: "untouched",
    next: "Please enter the amount.",
  },
  amount_mismatch: {
    what: "The code's amount and the shop's amount differ",
    money: "untouched",
    next: "Check the amount with the staff.",
    next_shop: "Check the amount with the customer and scan again.",
  },
  over_reversible: {
    what: "More than can be cancelled",
    money: "untouched",
    next: "Enter no more than what is left.",
  },
  over_clerk_limit: {
    what: "Cancelling this amount needs somebody of a higher rank",
    what_exactly: "Cancelling more than {limit} needs somebody of a higher rank",
    money: "untouched",
    next: "Please enter the manager's PIN, or ask the headquarters or the town's office to cancel it.",
  },
  over_limit: {
    what: "More than may be paid at once",
    what_exactly: "At most {limit} may be paid at once",
    money: "untouched",
    next: "Please choose a smaller amount.",
  },
  under_limit: {
    what: "The amount is too small",
    what_exactly: "At least {limit} is needed",
    money: "untouched",
    next: "Please check the amount.",
  },
  off_step: {
    what: "This amount is not accepted",
    what_exactly: "Amounts go in steps of {limit}",
    money: "untouched",
    next: "Please check the amount.",
  },
  over_balance_cap: {
    what: "The balance would become too large",
    what_exactly: "The balance may not go above {limit}",
    money: "untouched",
    next: "Please top up less.",
  },
  value_spent: {
    what: "The topped-up value has been spent, so it can't be cancelled",
    money: "untouched",
    next: "Please ask the operator.",
  },
  duplicate_suspected: {
    what: "The same shop and amount as a moment ago",
    money: "first_stands",
    next: "Please choose whether you mean to pay again.",
    next_shop: "The customer is being asked. Please have them look at their screen.",
  },
  recipient_unknown: {
    what: "The recipient was not found",
    money: "untouched",
    next: "Choose the recipient again. You can't send to your own wallet.",
  },
  way_unknown: {
    what: "This way of topping up can't be used",
    money: "untouched",
    next: "Choose another way of topping up.",
  },
  not_sendable: {
    what: "This currency can't be sent to other people",
    money: "untouched",
    next: "Use it to pay at shops.",
  },
  over_day_limit: {
    what: "This goes over the limit for one day",
    what_exactly: "At most {limit} in all can be moved in one day",
    money: "untouched",
    next: "Choose a smaller amount, or try again tomorrow.",
  },
  over_month_limit: {
    what: "This goes over the limit for one month",
    what_exactly: "At most {limit} in all can be moved in one month",
    money: "untouched",
    next: "Choose a smaller amount, or try again next month.",
  },
  account_too_new: {
    what: "A new wallet can't take this amount yet",
    what_exactly: "A new wallet takes at most {limit} a day this way",
    money: "untouched",
    next: "Choose a smaller amount, or top up with cash at a shop.",
  },
  recipient_full: {
    what: "The recipient's balance would go over its limit",
    money: "untouched",
    next: "Send a smaller amount, or talk to the recipient.",
  },
  not_accepted_here: {
    what: "There is enough, but some of it can't be used at this shop",
    money: "untouched",
    next: 'See under "breakdown and expiry" what can be used here. Top up if it is not enough.',
    next_shop:
      "Part of the customer's balance can't be used here. Ask for the rest in another way.",
  },
  ticket_remainder: {
    what: "Tickets give no change, and nothing else pays the rest",
    money: "untouched",
    next: "Pay an amount that whole tickets make, or top up to pay the rest.",
    next_shop: "Take whole tickets, and the rest in another way.",
  },
  value_held: {
    what: "What you have just topped up can't be spent yet",
    money: "untouched",
    next: "Wait until it can be spent, or pay in another way.",
    next_shop: "What was just topped up can't be spent for a while. Ask for another way of paying.",
  },
  insufficient_funds: {
    what: "The balance is not enough",
    what_exactly: "The balance is not enough ({available} can be used)",
    money: "untouched",
    next: "Top up, or pay a smaller amount.",
    next_shop: "The customer can top up, or pay in another way.",
  },

  busy: {
    what: "Very busy just now",
    money: "untouched",
    next: "Please wait a moment and try again.",
  },
  unavailable: {
    what: "Not possible just now",
    money: "untouched",
    next: "Please wait a moment and try again.",
  },
  pin_wrong: {
    what: "The PIN is wrong",
    what_exactly: "The PIN is wrong ({left} tries left)",
    money: "untouched",
    next: "Please enter it again.",
  },
  pin_locked: {
    what: "Stopped after several wrong PINs",
    what_exactly: "Stopped after several wrong PINs ({minutes} minutes left)",
    money: "untouched",
    next: "Wait a while, or call the contact number. Your balance is as it was.",
    next_shop: "Wait a while, or call the operator.",
  },
  not_allowed: {
    what: "This is not allowed",
    money: "untouched",
    next: "Please call the contact number.",
  },
  invalid: {
    what: "Something is missing or not right",
    money: "untouched",
    next: "Please check what you entered.",
  },
  too_fast: {
    what: "Too many tries",
    what_exactly: "Too many tries (wait {seconds} seconds)",
    money: "untouched",
    next: "Please wait a moment and try again.",
  },
  in_progress: {
    what: "Being processed",
    money: "unknown",
    next: "Please wait.",
  },

  not_sent: {
    what: "The payment has not been made",
    money: "untouched",
    next: "To go on, please start again.",
    next_shop: "Please scan again.",
  },
  no_answer: {
    what: "There was no answer",
    money: "untouched",
    next: "Check the connection and try again.",
  },
  network: {
    what: "No connection",
    money: "safe",
    next: "Check the signal or Wi-Fi and try again.",
  },
  signed_out: {
    what: "Your sign-in has expired",
    money: "safe",
    next: "Please sign in again.",
  },
  sign_in_wrong: {
    what: "The phone number or the password is wrong",
    money: "safe",
    next: "Check them and try again.",
  },
  code_wrong: {
    what: "The code is wrong",
    what_exactly: "The code is wrong ({left} tries left)",
    money: "safe",
    next: "Check the 6 digits in the SMS.",
  },
  challenge_over: {
    what: "The code has expired",
    money: "safe",
    next: "Please start again; a new code will be sent.",
  },
  already_registered: {
    what: "This phone number is already registered",
    money: "safe",
    next: "Please sign in.",
  },
  enrolment_refused: {
    what: "This enrolment code can't be used",
    money: "safe",
    next: "Ask the operator for a new one.",
  },
  not_found: {
    what: "Nothing was found",
    money: "untouched",
    next: "Please check the number.",
  },
  sign_in_locked: {
    what: "Stopped after several wrong passwords",
    what_exactly: "Stopped after several wrong passwords ({minutes} minutes left)",
    money: "safe",
    next: "Please try again later.",
  },
  sms_too_many: {
    what: "Too many codes were sent to this number",
    money: "safe",
    next: "Look for the SMS, or wait about an hour.",
  },
  sms_unavailable: {
    what: "The SMS could not be sent",
    money: "safe",
    next: "Wait a minute and try again.",
  },
  origin_refused: {
    what: "This page may not do that",
    money: "safe",
    next: "Please open the right address.",
  },
  malformed: {
    what: "What was sent could not be read",
    money: "safe",
    next: "Reload the page and try again.",
  },
  media_type: {
    what: "What was sent could not be read",
    money: "safe",
    next: "Reload the page and try again.",
  },
  too_large: {
    what: "What was sent is too large",
    money: "safe",
    next: "Make it shorter and try again.",
  },
  method_not_allowed: {
    what: "This can't be done",
    money: "safe",
    next: "Reload the page and try again.",
  },
  mark_taken: {
    what: "This mark is another shop's",
    money: "safe",
    next: "Take it off that shop first.",
  },
  scan_unknown: {
    what: "The shop with this code doesn't take part yet",
    money: "untouched",
    next: "Please ask the staff. If you typed the number, check it once more.",
  },
  scan_broken: {
    what: "The code could not be read properly",
    money: "untouched",
    next: "Scan again, or check the number and type it.",
  },
  scan_altered: {
    what: "This code was changed, or misread",
    money: "untouched",
    next: "Scan again. If it stays so, don't pay, and tell the staff.",
  },
  scan_foreign: {
    what: "This code is not of this currency",
    money: "untouched",
    next: "Scan the code of this currency, or the JPQR code, that stands in the shop.",
  },
  scan_card: {
    what: "This is a card payment's code, not a shop's",
    money: "untouched",
    next: "Scan the code of this currency that stands in the shop.",
  },
  scan_other_town: {
    what: "This code is from another town",
    money: "untouched",
    next: "Please scan a code of this town.",
  },
  scan_not_shop: {
    what: "This is not the code that a shop puts up",
    money: "untouched",
    next: "Scan the code of this currency that stands in the shop.",
  },
  password_wrong: {
    what: "This is not your present password",
    money: "safe",
    next: "Enter the password you use now once more.",
  },
  name_taken: {
    what: "This name is already taken",
    money: "safe",
    next: "Choose another name.",
  },
  last_operator: {
    what: "The last operator can't be removed",
    money: "safe",
    next: "Add another operator first.",
  },
  left: {
    what: "This person has already left",
    money: "safe",
    next: "To add them again, use another name.",
  },
  rank_unknown: {
    what: "This town has no such role",
    money: "safe",
    next: "Choose one of the town's roles.",
  },
  identity_taken: {
    what: "Somebody with this name and birth date is already registered",
    money: "safe",
    next: "Sign in to that wallet, or call the contact number.",
  },
  ic_card_unknown: {
    what: "This card is not known in this town yet",
    money: "untouched",
    next: "Register the card first.",
  },
  ic_card_known: {
    what: "This card can already be used",
    money: "safe",
    next: "Just use it as it is.",
  },
  ic_card_blocked: {
    what: "This card has been stopped",
    money: "untouched",
    next: "Please call the contact number.",
    next_shop: "Ask the customer to pay in another way.",
  },
  ic_card_taken: {
    what: "This card is already registered",
    money: "safe",
    next: "If it is yours, please call the contact number.",
  },
  ic_card_has_value: {
    what: "What is on this card can't be moved to a wallet",
    money: "safe",
    next: "Spend what is on the card first.",
  },
  ic_card_over_limit: {
    what: "This is more than a card that nobody registered can pay",
    what_exactly: "A card that nobody registered pays at most {limit}",
    money: "untouched",
    next: "Register the card, or pay in another way.",
    next_shop: "Take a smaller amount, or ask for another way of paying.",
  },
  claim_over: {
    what: "The card's code has expired or was used",
    money: "safe",
    next: "Have the card touched again for a new code.",
  },
  way_closed: {
    what: "This way of topping up is not open now",
    money: "untouched",
    next: "Choose another way of topping up.",
  },
  file_absent: {
    what: "There is no file for this day yet",
    money: "safe",
    next: "Try again later.",
  },
  too_many_lines: {
    what: "These are too many lines for one file",
    money: "safe",
    next: "Narrow the filters and try again.",
  },
  password_locked: {
    what: "Too many wrong passwords in a row",
    what_exactly: "Too many wrong passwords in a row ({minutes} min. left)",
    money: "safe",
    next: "Wait a while and try again.",
  },
  cancelled: {
    what: "This payment was called off",
    money: "untouched",
    next: "To pay, please start again.",
  },
  not_paid: {
    what: "Nothing was paid here",
    money: "untouched",
    next: "Look in the history.",
  },
  merchant_unknown: {
    what: "No shop has this merchant number",
    money: "untouched",
    next: "Please call the operator.",
  },
  acquirer_closed: {
    what: "This acquirer takes no payments now",
    money: "untouched",
    next: "Please call the operator.",
  },
  undecided: {
    what: "The outcome is not known yet",
    money: "unknown",
    next: "Ask again by the same number. Don't pay again until you know.",
  },
  signature_invalid: {
    what: "The signature is not as it has to be",
    money: "safe",
    next: "Sign anew and send it again.",
  },
  signature_expired: {
    what: "The signature is too old",
    money: "safe",
    next: "Sign anew and send it again.",
  },
  signature_wrong: {
    what: "The signature could not be verified",
    money: "safe",
    next: "Sign anew and send it again.",
  },
  nonce_used: {
    what: "This signature was already used",
    money: "safe",
    next: "Sign anew and send it again.",
  },
  internal: {
    what: "Something unexpected went wrong",
    money: "safe",
    next: "Wait a moment and try again. If it goes on, call the contact number.",
  },
  fault: {
    what: "Something unexpected went wrong",
    money: "safe",
    next: "Wait a moment and try again. If it goes on, call the contact number.",
  },
};
