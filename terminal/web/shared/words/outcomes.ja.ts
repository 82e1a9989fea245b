/** 結果とエラーのことば：何が起きたか、お金は無事か、次にどうするか。 */

export interface OutcomeWords {
  what: string;
  /** 金額や回数がわかっているときの文。 */
  what_exactly?: string;
  money: "untouched" | "unknown" | "perhaps" | "first_stands" | "safe";
  next: string;
  next_wallet?: string;
  next_shop?: string;
}

export const outcomesJa = {
  id_reused: {
    what: "同じ番号の別の操作がすでにあります",
    money: "untouched",
    next: "はじめからやり直してください。",
  },
  wallet_unknown: {
    what: "この財布は見つかりません",
    money: "untouched",
    next: "ログインし直してください。",
    next_shop: "お客さまに、もう一度コードを出してもらってください。",
  },
  wallet_frozen: {
    what: "この財布は一時的に止められています",
    money: "untouched",
    next: "お問い合わせ先に連絡してください。",
    next_shop: "現金など、ほかの方法でお支払いいただいてください。",
  },
  code_unknown: {
    what: "このコードは使えません",
    money: "untouched",
    next: "新しいコードを出してください。",
    next_shop: "お客さまに、新しいコードを出してもらってください。",
  },
  code_expired: {
    what: "コードの時間が切れました",
    money: "untouched",
    next: "新しいコードを出してください。",
    next_shop: "お客さまに、新しいコードを出してもらってください。",
  },
  code_used: {
    what: "このコードはもう使われています",
    money: "untouched",
    next: "履歴で、支払いが済んでいないか確かめてください。",
    next_shop: "支払いが済んでいないか一覧を確かめてから、新しいコードを出してもらってください。",
  },
  code_wrong_purpose: {
    what: "このコードは用途がちがいます",
    money: "untouched",
    next: "支払いとチャージでは別のコードを使います。",
    next_shop: "支払いは支払い用、チャージはチャージ用のコードを出してもらってください。",
  },
  shop_unknown: {
    what: "お店が見つかりません",
    money: "untouched",
    next: "お店のコードをもう一度読み取ってください。",
  },
  shop_closed: {
    what: "このお店では今は使えません",
    money: "untouched",
    next: "お店の方にたずねてください。",
    next_shop: "運営に連絡してください。",
  },
  terminal_revoked: {
    what: "この端末は使えなくなりました",
    money: "untouched",
    next: "運営に連絡してください。",
  },
  payment_unknown: {
    what: "その支払いは見つかりません",
    money: "untouched",
    next: "一覧からもう一度選んでください。",
  },
  question_expired: {
    what: "確認の時間が切れました",
    money: "untouched",
    next: "支払う場合は、はじめからやり直してください。",
  },
  question_answered: {
    what: "この確認にはもう答えています",
    money: "untouched",
    next: "履歴で結果を確かめてください。",
  },
  already_reversed: {
    what: "この支払いはもう取り消されています",
    money: "untouched",
    next: "履歴で確かめてください。",
  },
  reversal_too_late: {
    what: "取り消せる期間を過ぎています",
    money: "untouched",
    next: "運営に相談してください。",
  },
  amount_required: {
    what: "金額が必要です",
    money: "untouched",
    next: "金額を入力してください。",
  },
  amount_mismatch: {
    what: "コードの金額と、お店が入力した金額がちがいます",
    money: "untouched",
    next: "お店の方と金額を確かめてください。",
    next_shop: "お客さまと金額を確かめて、もう一度読み取ってください。",
  },
  over_reversible: {
    what: "取り消せる金額を超えています",
    money: "untouched",
    next: "残りの金額の範囲で入力してください。",
  },
  over_clerk_limit: {
    what: "この金額の取り消しには、より上の権限が必要です",
    what_exactly: "{limit}を超える取り消しには、より上の権限が必要です",
    money: "untouched",
    next: "責任者の暗証番号を入力するか、本部や事務局に取り消しを頼んでください。",
  },
  over_limit: {
    what: "1回に使える金額を超えています",
    what_exactly: "1回に使えるのは{limit}までです",
    money: "untouched",
    next: "金額を小さくしてください。",
  },
  under_limit: {
    what: "金額が小さすぎます",
    what_exactly: "{limit}から受け付けます",
    money: "untouched",
    next: "金額を確かめてください。",
  },
  off_step: {
    what: "この金額は受け付けられません",
    what_exactly: "{limit}単位で受け付けます",
    money: "untouched",
    next: "金額を確かめてください。",
  },
  over_balance_cap: {
    what: "残高の上限を超えます",
    what_exactly: "残高の上限（{limit}）を超えます",
    money: "untouched",
    next: "チャージの金額を小さくしてください。",
  },
  value_spent: {
    what: "チャージした分がもう使われているため、取り消せません",
    money: "untouched",
    next: "運営に相談してください。",
  },
  duplicate_suspected: {
    what: "さきほどと同じお店・同じ金額です",
    money: "first_stands",
    next: "もう一度支払うつもりかどうかを選んでください。",
    next_shop: "お客さまの画面で確認しています。お客さまに画面を見てもらってください。",
  },
  recipient_unknown: {
    what: "送り先が見つかりません",
    money: "untouched",
    next: "送り先をもう一度選んでください。自分の財布には送れません。",
  },
  way_unknown: {
    what: "このチャージ方法は使えません",
    money: "untouched",
    next: "ほかのチャージ方法を選んでください。",
  },
  activity_unknown: {
    what: "この活動は、いまポイントの対象ではありません",
    money: "untouched",
    next: "主催者に確かめてください。",
  },
  coupon_unknown: {
    what: "このクーポンはありません",
    money: "untouched",
    next: "クーポンの一覧から選び直してください。",
  },
  coupon_closed: {
    what: "このクーポンは、いまの日時には使えません",
    money: "untouched",
    next: "使える曜日と時間を確かめてください。",
  },
  coupon_not_yours: {
    what: "このクーポンは、当選した人やアンケートに答えた人のものです",
    money: "untouched",
    next: "使える条件を確かめてください。",
  },
  coupon_used: {
    what: "このクーポンはもう使われています",
    money: "untouched",
    next: "クーポンを外して支払えます。",
  },
  coupon_not_here: {
    what: "このクーポンは、この店では使えません",
    money: "untouched",
    next: "使える店を確かめてください。",
  },
  coupons_not_together: {
    what: "このクーポンは、ほかのクーポンと一緒に使えません",
    money: "untouched",
    next: "どちらか一つを選んでください。",
  },
  already_granted: {
    what: "この活動のポイントは、もう受け取っています",
    money: "untouched",
    next: "履歴で確かめられます。",
  },
  coupon_under_minimum: {
    what: "クーポンを使える最低金額に足りません",
    money: "untouched",
    next: "クーポンを外して支払えます。",
  },
  right_required: {
    what: "購入できるのは当選した人だけです",
    money: "untouched",
    next: "購入者番号を登録してからお試しください。",
  },
  over_right: {
    what: "購入できる残りの金額を超えています",
    money: "untouched",
    next: "金額を小さくしてください。",
  },
  nothing_expired: {
    what: "期限の切れた分はありません",
    money: "untouched",
    next: "そのままで大丈夫です。",
  },
  over_budget: {
    what: "予算の残りが足りないため、できません",
    money: "untouched",
    next: "事務局に問い合わせてください。",
  },
  not_sendable: {
    what: "この通貨では、ほかの人に送ることができません",
    money: "untouched",
    next: "お店でのお支払いにお使いください。",
  },
  over_day_limit: {
    what: "1日に使える金額を超えています",
    what_exactly: "1日に使えるのは合わせて{limit}までです",
    money: "untouched",
    next: "金額を小さくするか、明日もう一度ためしてください。",
  },
  over_month_limit: {
    what: "1か月に使える金額を超えています",
    what_exactly: "1か月に使えるのは合わせて{limit}までです",
    money: "untouched",
    next: "金額を小さくするか、来月もう一度ためしてください。",
  },
  account_too_new: {
    what: "作ったばかりの財布では、この金額を受け付けられません",
    what_exactly: "作ったばかりの財布では、この方法は1日{limit}までです",
    money: "untouched",
    next: "金額を小さくするか、お店で現金でチャージしてください。",
  },
  recipient_full: {
    what: "送り先の残高が上限を超えるため、送れません",
    money: "untouched",
    next: "金額を小さくするか、相手の方に相談してください。",
  },
  not_accepted_here: {
    what: "残高はありますが、このお店では使えないものが含まれています",
    money: "untouched",
    next: "このお店で使える分を「内訳と期限」で確かめてください。足りないときはチャージしてください。",
    next_shop:
      "お客さまの残高の一部は、このお店では使えません。ほかの方法と合わせてお支払いいただいてください。",
  },
  ticket_remainder: {
    what: "券はおつりが出ないため、この金額には足りません",
    money: "untouched",
    next: "券で払える金額に分けるか、残りを払えるようにチャージしてください。",
    next_shop: "券の金額ちょうどと、残りを別の方法に分けてお支払いいただいてください。",
  },
  value_held: {
    what: "チャージしたばかりの分は、まだ使えません",
    money: "untouched",
    next: "使えるようになるまで待つか、ほかの方法でお支払いください。",
    next_shop:
      "チャージしたばかりの分は、しばらく使えません。ほかの方法でお支払いいただいてください。",
  },
  insufficient_funds: {
    what: "残高が足りません",
    what_exactly: "残高が足りません（使えるのは{available}）",
    money: "untouched",
    next: "チャージするか、金額を小さくしてください。",
    next_shop: "チャージするか、ほかの方法でお支払いいただいてください。",
  },

  busy: {
    what: "ただいま混み合っています",
    money: "untouched",
    next: "少し待ってから、もう一度ためしてください。",
  },
  unavailable: {
    what: "ただいまつながりにくくなっています",
    money: "perhaps",
    next: "少し待ってから、もう一度ためしてください。お金の操作は、先に履歴で確かめてください。",
    next_shop:
      "少し待ってから、もう一度ためしてください。お金の操作は、先に一覧で確かめてください。",
  },
  no_preset: {
    what: "この端末には活動が設定されていません",
    money: "untouched",
    next: "事務局に設定を頼んでください。",
  },
  pin_wrong: {
    what: "暗証番号がちがいます",
    what_exactly: "暗証番号がちがいます（あと{left}回）",
    money: "untouched",
    next: "もう一度入力してください。",
  },
  pin_locked: {
    what: "暗証番号を続けて間違えたため、止めています",
    what_exactly: "暗証番号を続けて間違えたため、止めています（あと{minutes}分）",
    money: "untouched",
    next: "しばらく待つか、お問い合わせ先に連絡してください。残高はそのまま残っています。",
    next_shop: "しばらく待つか、運営に連絡してください。",
  },
  not_allowed: {
    what: "この操作はできません",
    money: "untouched",
    next: "お問い合わせ先に連絡してください。",
  },
  invalid: {
    what: "入力に足りないところ、または正しくないところがあります",
    money: "untouched",
    next: "入力を確かめてください。",
  },
  too_fast: {
    what: "操作が続きすぎています",
    what_exactly: "操作が続きすぎています（{seconds}秒待ってください）",
    money: "untouched",
    next: "少し待ってから、もう一度ためしてください。",
  },
  in_progress: {
    what: "いま処理しています",
    money: "unknown",
    next: "そのままお待ちください。",
  },

  not_sent: {
    what: "支払いは行われていません",
    money: "untouched",
    next: "続けるには、はじめからやり直してください。",
    next_shop: "もう一度読み取ってください。",
  },
  no_answer: {
    what: "返事がありませんでした",
    money: "untouched",
    next: "つながっていることを確かめて、もう一度ためしてください。",
  },
  network: {
    what: "通信できませんでした",
    money: "safe",
    next: "電波やWi-Fiを確かめて、もう一度ためしてください。",
  },
  signed_out: {
    what: "ログインの時間が切れました",
    money: "safe",
    next: "もう一度ログインしてください。",
  },
  sign_in_wrong: {
    what: "電話番号またはパスワードがちがいます",
    money: "safe",
    next: "確かめて、もう一度入力してください。",
  },
  code_wrong: {
    what: "確認番号がちがいます",
    what_exactly: "確認番号がちがいます（あと{left}回）",
    money: "safe",
    next: "SMSの6けたの番号を確かめてください。",
  },
  challenge_over: {
    what: "確認番号の時間が切れました",
    money: "safe",
    next: "はじめからやり直してください。新しい番号を送ります。",
  },
  already_registered: {
    what: "この電話番号はすでに登録されています",
    money: "safe",
    next: "ログインしてください。",
  },
  enrolment_refused: {
    what: "この登録コードは使えません",
    money: "safe",
    next: "運営に新しい登録コードを出してもらってください。",
  },
  not_found: {
    what: "見つかりませんでした",
    money: "untouched",
    next: "番号を確かめてください。",
  },
  sign_in_locked: {
    what: "パスワードを続けて間違えたため、止めています",
    what_exactly: "パスワードを続けて間違えたため、止めています（あと{minutes}分）",
    money: "safe",
    next: "時間をおいて、もう一度ためしてください。",
  },
  sms_too_many: {
    what: "確認番号を何度も送ったため、しばらく送れません",
    money: "safe",
    next: "届いたSMSを確かめるか、1時間ほど待ってください。",
  },
  sms_unavailable: {
    what: "SMSを送れませんでした",
    money: "safe",
    next: "1分ほど待って、もう一度ためしてください。",
  },
  origin_refused: {
    what: "このページからは操作できません",
    money: "safe",
    next: "正しいアドレスのページを開き直してください。",
  },
  malformed: {
    what: "送った内容を読み取ってもらえませんでした",
    money: "safe",
    next: "画面を読み込み直して、もう一度ためしてください。",
  },
  media_type: {
    what: "送った内容を読み取ってもらえませんでした",
    money: "safe",
    next: "画面を読み込み直して、もう一度ためしてください。",
  },
  too_large: {
    what: "送った内容が大きすぎます",
    money: "safe",
    next: "短くして、もう一度ためしてください。",
  },
  method_not_allowed: {
    what: "この操作はできません",
    money: "safe",
    next: "画面を読み込み直して、もう一度ためしてください。",
  },
  mark_taken: {
    what: "この目印は別のお店のものです",
    money: "safe",
    next: "先に、そのお店から外してください。",
  },
  scan_unknown: {
    what: "このコードのお店は、まだ加盟していません",
    money: "untouched",
    next: "お店の人に確かめてください。番号を入力したときは、もう一度見直してください。",
  },
  scan_broken: {
    what: "コードを正しく読み取れませんでした",
    money: "untouched",
    next: "もう一度読み取るか、番号を確かめて入力してください。",
    next_shop: "お客さまに、もう一度コードを出してもらってください。",
  },
  scan_altered: {
    what: "このコードは書き換えられているか、読みまちがいです",
    money: "untouched",
    next: "もう一度読み取ってください。くり返すときは支払わず、お店の人に知らせてください。",
  },
  scan_foreign: {
    what: "この通貨のコードではありません",
    money: "untouched",
    next: "お店に置いてある、この通貨か JPQR のコードを読み取ってください。",
    next_shop: "お客さまに、この通貨の財布のコードを出してもらってください。",
  },
  scan_card: {
    what: "これはカード払いのコードです",
    money: "untouched",
    next: "お店に置いてあるこの通貨のコードを読み取ってください。",
    next_shop: "カードの端末でお支払いいただくか、この通貨のコードを出してもらってください。",
  },
  scan_other_town: {
    what: "別の町のコードです",
    money: "untouched",
    next: "この町のコードを読み取ってください。",
    next_shop: "お客さまの財布は別の町のものです。この町の財布のコードを出してもらってください。",
  },
  scan_not_payer: {
    what: "お客さまの支払いコードではありません",
    money: "untouched",
    next: "お客さまに、支払いコードを出してもらってください。",
  },
  scan_not_shop: {
    what: "これはお店に貼ってあるコードではありません",
    money: "untouched",
    next: "お店に置いてあるこの通貨のコードを読み取ってください。",
  },
  password_wrong: {
    what: "今のパスワードがちがいます",
    money: "safe",
    next: "今使っているパスワードを、もう一度入力してください。",
  },
  name_taken: {
    what: "この名前はすでに使われています",
    money: "safe",
    next: "別の名前にしてください。",
  },
  code_taken: {
    what: "このコードはすでに使われています",
    money: "safe",
    next: "別のコードにしてください。",
  },
  campaign_begun: {
    what: "キャンペーンはすでに始まっています",
    money: "safe",
    next: "止めるか、これからの率を変えてください。",
  },
  coupon_over: {
    what: "このクーポンは終わっているか、止められています",
    money: "safe",
    next: "一覧を確かめてください。",
  },
  offer_closed: {
    what: "いまは受け付けていません",
    money: "untouched",
    next: "受付の期間を確かめてください。",
  },
  offer_sold_out: {
    what: "予定の数がなくなりました",
    money: "untouched",
    next: "次の募集をお待ちください。",
  },
  stop_over: {
    what: "この計画停止は終わったか、取りやめになっています",
    money: "untouched",
    next: "新しい計画停止を登録してください。",
  },
  survey_over: {
    what: "このアンケートは終わりました",
    money: "untouched",
    next: "ほかのアンケートをご覧ください。",
  },
  survey_answered: {
    what: "このアンケートには、もう答えています",
    money: "untouched",
    next: "最初の答えが残っています。",
  },
  campaign_over: {
    what: "キャンペーンはそのとき終わっています",
    money: "safe",
    next: "何もする必要はありません。",
  },
  challenge_ended: {
    what: "チャレンジはすでに終わっています",
    money: "safe",
    next: "結果をご確認ください。",
  },
  last_operator: {
    what: "最後のひとりの運営者は外せません",
    money: "safe",
    next: "先に、ほかの運営者を加えてください。",
  },
  left: {
    what: "この人はすでに外れています",
    money: "safe",
    next: "もう一度加えるときは、別の名前で登録してください。",
  },
  rank_unknown: {
    what: "この町にはない役割です",
    money: "safe",
    next: "この町にある役割から選んでください。",
  },
  identity_taken: {
    what: "同じお名前と生年月日の方が、すでに登録されています",
    money: "safe",
    next: "すでにある財布にログインするか、お問い合わせ先に連絡してください。",
  },
  openid_unknown: {
    what: "このまちでは、この方法でログインできません",
    money: "safe",
    next: "電話番号でログインしてください。",
  },
  openid_closed: {
    what: "この方法は、ただいま使えません",
    money: "safe",
    next: "電話番号でログインしてください。",
  },
  openid_unavailable: {
    what: "本人確認サービスにつながりません",
    money: "safe",
    next: "少し待ってからためすか、電話番号でログインしてください。",
  },
  openid_over: {
    what: "手続きの時間が過ぎたか、別のブラウザで始められました",
    money: "safe",
    next: "この画面から、もう一度はじめてください。",
  },
  openid_cancelled: {
    what: "手続きは中止されました",
    money: "safe",
    next: "続けるときは、もう一度はじめてください。",
  },
  openid_refused: {
    what: "本人確認の結果を確かめられませんでした",
    money: "safe",
    next: "もう一度ためすか、電話番号でログインしてください。",
  },
  openid_unlinked: {
    what: "まだ財布と連携していません",
    money: "safe",
    next: "電話番号でログインしてから、連携してください。",
  },
  openid_taken: {
    what: "すでに別の財布と連携しています",
    money: "safe",
    next: "その財布でログインするか、お問い合わせ先に連絡してください。",
  },
  openid_linked: {
    what: "この財布には、別のアカウントが連携されています",
    money: "safe",
    next: "先に連携を解除してから、もう一度ためしてください。",
  },
  question_unknown: {
    what: "同じ支払いの確認が、このお店では見つかりません",
    money: "untouched",
    next: "もう一度カードをかざして、お支払いをやり直してください。",
  },
  ic_card_unknown: {
    what: "このカードは、この町ではまだ登録されていません",
    money: "untouched",
    next: "先にカードを登録してください。",
  },
  ic_card_known: {
    what: "このカードはすでに使える状態です",
    money: "safe",
    next: "そのままお使いください。",
  },
  ic_card_blocked: {
    what: "このカードは止められています",
    money: "untouched",
    next: "お問い合わせ先に連絡してください。",
    next_shop: "ほかの方法でお支払いいただいてください。",
  },
  ic_card_taken: {
    what: "このカードは、すでに登録されています",
    money: "safe",
    next: "ご自分のカードなら、お問い合わせ先に連絡してください。",
  },
  ic_card_has_value: {
    what: "カードに残っている分は、財布に移せません",
    money: "safe",
    next: "先にカードの残高を使い切ってください。",
  },
  ic_card_over_limit: {
    what: "登録していないカードで使える金額を超えています",
    what_exactly: "登録していないカードで使えるのは{limit}までです",
    money: "untouched",
    next: "カードを登録するか、ほかの方法でお支払いください。",
    next_shop: "金額を小さくするか、ほかの方法でお支払いいただいてください。",
  },
  claim_over: {
    what: "カードの登録用コードの時間が切れたか、すでに使われています",
    money: "safe",
    next: "カードをもう一度かざして、新しいコードを出してもらってください。",
  },
  way_closed: {
    what: "このチャージ方法は、ただいま使えません",
    money: "untouched",
    next: "ほかのチャージ方法を選んでください。",
  },
  sale_elsewhere: {
    what: "先着販売は、ここでは受け付けていません",
    money: "untouched",
    next: "少し待って、もう一度ためしてください。",
  },
  sale_opened: {
    what: "販売はもう始まっています",
    money: "untouched",
    next: "条件は変えられません。",
  },
  offer_queued: {
    what: "これは列に並んで受け取るものです",
    money: "untouched",
    next: "列に並んでください。",
  },
  not_waiting: {
    what: "この販売の列に並んでいません",
    money: "untouched",
    next: "列に並んでください。",
  },
  file_absent: {
    what: "この日のファイルは、まだ受け取れません",
    money: "safe",
    next: "時間をおいて、もう一度ためしてください。",
  },
  too_many_lines: {
    what: "件数が多すぎて、ファイルにできません",
    money: "safe",
    next: "条件をしぼって、もう一度ためしてください。",
  },
  password_locked: {
    what: "パスワードを続けて間違えたため、止めています",
    what_exactly: "パスワードを続けて間違えたため、止めています（あと{minutes}分）",
    money: "safe",
    next: "時間をおいて、もう一度ためしてください。",
  },
  cancelled: {
    what: "この支払いは取りやめになっています",
    money: "untouched",
    next: "支払う場合は、はじめからやり直してください。",
  },
  not_paid: {
    what: "この支払いは行われていません",
    money: "untouched",
    next: "履歴を確かめてください。",
  },
  merchant_unknown: {
    what: "この加盟店番号のお店は見つかりません",
    money: "untouched",
    next: "運営に連絡してください。",
  },
  acquirer_closed: {
    what: "この決済代行からの支払いは、今は受け付けていません",
    money: "untouched",
    next: "運営に連絡してください。",
  },
  undecided: {
    what: "結果がまだわかりません",
    money: "unknown",
    next: "同じ番号で結果を確かめてください。わかるまで、もう一度支払わないでください。",
  },
  signature_invalid: {
    what: "署名が正しい形ではありません",
    money: "safe",
    next: "署名を作り直して、もう一度送ってください。",
  },
  signature_expired: {
    what: "署名の時間が切れています",
    money: "safe",
    next: "署名を作り直して、もう一度送ってください。",
  },
  signature_wrong: {
    what: "署名を確かめられませんでした",
    money: "safe",
    next: "署名を作り直して、もう一度送ってください。",
  },
  nonce_used: {
    what: "この署名はすでに使われています",
    money: "safe",
    next: "署名を作り直して、もう一度送ってください。",
  },
  draw_not_open: {
    what: "申し込みはまだ始まっていません",
    money: "untouched",
    next: "受付の開始をお待ちください。",
  },
  draw_closed: {
    what: "申し込みの受付は終わりました",
    money: "untouched",
    next: "ほかの募集をご覧ください。",
  },
  draw_stage: {
    what: "抽選のいまの段階ではできません",
    money: "untouched",
    next: "抽選の状態を確かめてください。",
  },
  reviews_waiting: {
    what: "確認を待っている申し込みがあります",
    money: "untouched",
    next: "先に申し込みの確認を終えてください。",
  },
  shop_known: {
    what: "すでに参加している店舗かもしれません",
    money: "untouched",
    next: "似た店舗を確かめてから承認してください。",
  },
  too_many_applications: {
    what: "確認を待っている申し込みが多すぎます",
    money: "untouched",
    next: "返事をお待ちになるか、事務局にお問い合わせください。",
  },
  too_many_notes: {
    what: "この申し込みのやり取りが多くなりすぎました",
    money: "untouched",
    next: "電話などで直接ご相談ください。",
  },
  application_open: {
    what: "この申し込みはまだ審査中です",
    money: "untouched",
    next: "先に審査を終えてください。",
  },
  invitation_over: {
    what: "招待は使用済みか、期限切れです",
    money: "untouched",
    next: "事務局に新しい招待をお求めください。",
  },
  change_decided: {
    what: "この変更の届け出は、すでに処理されています",
    money: "untouched",
    next: "一覧を開き直してください。",
  },
  already_applied: {
    what: "すでに申し込まれています",
    money: "untouched",
    next: "申し込みはお一人さま1回です。受付番号で状況を確かめられます。",
  },
  application_unknown: {
    what: "申し込みが見つかりません",
    money: "untouched",
    next: "受付番号と電話番号を確かめてください。",
  },
  application_settled: {
    what: "この申し込みはもう変えられません",
    money: "untouched",
    next: "申し込みの状況を確かめてください。",
  },
  number_wrong: {
    what: "購入者番号が違います",
    money: "untouched",
    next: "番号と、申し込んだときの電話番号を確かめてください。",
  },
  number_used: {
    what: "この購入者番号はすでに使われています",
    money: "untouched",
    next: "番号が使えるのは一度だけです。",
  },
  number_over: {
    what: "購入者番号の期限が過ぎました",
    money: "untouched",
    next: "お問い合わせ先に連絡してください。",
  },
  already_awarded: {
    what: "すでに購入の権利があります",
    money: "untouched",
    next: "このままチャージできます。",
  },
  number_locked: {
    what: "購入者番号の間違いが続いたため、止められています",
    money: "untouched",
    next: "しばらく待ってから、もう一度入力してください。",
  },
  bank_not_set: {
    what: "まちの口座が設定されていません",
    money: "untouched",
    next: "プロファイルの [bank] を設定してください。",
  },
  bank_lines_none: {
    what: "このデータに入る精算がありません",
    money: "untouched",
    next: "精算の明細を確かめてください。",
  },
  bank_lines_unfit: {
    what: "銀行データに入れられない店があります",
    money: "untouched",
    next: "示された店の口座を直すか、除いて作ってください。",
  },
  bank_file_state: {
    what: "この銀行データは、今その操作ができません",
    money: "safe",
    next: "今の状態を確かめてください。",
  },
  bank_file_refused: {
    what: "銀行のファイルを読み取れませんでした",
    money: "untouched",
    next: "示されたところを確かめ、正しいファイルを選んでください。",
  },
  bank_result_known: {
    what: "この結果はすでに読み込まれています",
    money: "safe",
    next: "銀行データの明細を確かめてください。",
  },
  programme_taken: {
    what: "このコードは、ほかの事業か財源が使っています",
    money: "safe",
    next: "別のコードを選んでください。",
  },
  activity_taken: {
    what: "このコードの活動はすでにあります",
    money: "safe",
    next: "別のコードを選んでください。",
  },
  activity_over: {
    what: "この活動はすでに終わっています",
    money: "safe",
    next: "一覧を確かめてください。",
  },
  activity_not_yours: {
    what: "この鍵では、この活動の付与はできません",
    money: "untouched",
    next: "事務局に事業の許可を頼んでください。",
  },
  oauth_wrong: {
    what: "連携元のサービスの設定に誤りがあります",
    money: "untouched",
    next: "サービスの窓口にお知らせください。連携はされていません。",
  },
  token_invalid: {
    what: "このサービスとの連携は終わっています",
    money: "untouched",
    next: "サービスの画面から、もう一度連携してください。",
  },
  scope_missing: {
    what: "このサービスには許可されていません",
    money: "untouched",
    next: "サービスの画面からもう一度連携し、許可してください。",
  },
  key_missing: {
    what: "サービスから付与の番号が届きませんでした",
    money: "untouched",
    next: "サービスの窓口にお知らせください。",
  },
  list_refused: {
    what: "名簿を読み取れませんでした",
    money: "untouched",
    next: "示された行を直して、もう一度選んでください。",
  },
  list_applied: {
    what: "この名簿はすでに一度使われています",
    money: "untouched",
    next: "二度付与するつもりのときだけ、もう一度承認してください。",
  },
  same_operator: {
    what: "入れた人や作った人とは別の人が承認します",
    money: "untouched",
    next: "ほかの担当者に頼んでください。",
  },
  settlement_state: {
    what: "この精算は、今その操作ができません",
    money: "untouched",
    next: "一覧をもう一度見てください。",
  },
  settlement_empty: {
    what: "精算するものが残っていません",
    money: "untouched",
    next: "できている精算を見るか、別の期間を選んでください。",
  },
  review_changed: {
    what: "確認したあとに内容が変わりました",
    money: "untouched",
    next: "もう一度確認してから、承認してください。",
  },
  run_state: {
    what: "この付与は、今その操作ができません",
    money: "safe",
    next: "進み具合を確かめてください。",
  },
  run_empty: {
    what: "付与できる行がありません",
    money: "untouched",
    next: "名簿を直して、もう一度選んでください。",
  },
  internal: {
    what: "思わぬ問題が起きました",
    money: "safe",
    next: "少し待ってから、もう一度ためしてください。続くときはお問い合わせ先に連絡してください。",
  },
  picture_refused: {
    what: "この画像は使えません",
    money: "untouched",
    next: "別の画像（JPEG・PNG・WebP）を選んでください。",
  },
  circular_over: {
    what: "このお知らせは終わったか、取り下げられています",
    money: "untouched",
    next: "一覧をもう一度見てください。",
  },
  proposal_closed: {
    what: "すでに対応が済んでいるか、画像がついています",
    money: "untouched",
    next: "一覧をもう一度見てください。",
  },
  request_closed: {
    what: "このリクエストには、もう返事をしています",
    money: "untouched",
    next: "一覧をもう一度見てください。",
  },
  fault: {
    what: "思わぬ問題が起きました",
    money: "safe",
    next: "少し待ってから、もう一度ためしてください。続くときはお問い合わせ先に連絡してください。",
  },
} satisfies Record<string, OutcomeWords>;

export type OutcomeCode = keyof typeof outcomesJa;
