"""The money (帳簿). Owns Postgres; knows no socket and no Redis.

Glossary
    town (自治体)             whose money it is; the first part of every key
    instrument (種別)         a kind of value (coin, points), with its rules as data
    account (口座)            a wallet, a shop, a fund, or the town itself (0)
    wallet (ウォレット)        a person's account; what is in it lies in lots
    shop (加盟店)             a shop's account; its sum is what the operator owes the shop
    fund (原資)               who pays for value: the user, the city
    lot (ロット)              value in a wallet of one instrument, one expiry and one funder
    entry (仕訳)              one thing that happened: payment, top-up, reversal, grant, expiry
    posting (転記)            an amount of an instrument going from one account to another
    authorisation (承認)      deciding a request: `ledger.authorise.decide`
    outcome (結果)            done, or the refusal that applies first: `ledger.outcomes`
    decision (決定)           the outcome of a request's id, with its receipt, for ever
    receipt (控え)            what was decided, as frozen JSON
    reversal (取消)           an entry that gives back what another one moved, to the same lots
    duplicate (二重支払い)     same payer, shop and amount within the town's window
    code (ワンタイムコード)    what a wallet shows to be scanned, once
    mark (目印)               what identifies a shop beside its own sticker: a JPQR id, a store code
    rank (役職)               whose limit a reversal has: clerk, shop, area, headquarters, operator
    chain (チェーン)           shops that belong together
    staff (店舗スタッフ)        who signs in at the shop site, at a post: a rank over some shops
    act (操作)                what somebody with power did; the audit has a line for each
    acquirer (決済代行)       a company that brings payments from shops' own POS
    provider (決済会社)       who takes money elsewhere, or exchanges points; has an account a way
    way (チャージ方法)         how value comes in: at a shop, by a provider, by card, by exchange
    load order (チャージ注文)  value ordered from a provider, or sent out to one
    person (本人)             who holds a wallet; kept apart from it, and can be forgotten
    review (名寄せ)           two persons who may be one, for an operator to decide; a settlement's
                              review (確認) is what is looked at before its release
    card (カード)             an IC card that is the key to a wallet; its number is the IDm
    claim (カード登録)        what a tablet shows after a tap, for the card's holder to scan
    programme (事業)          what a department gives one kind of value for, out of one fund
    activity (活動)           an event or activity of a programme: what taking part is worth
    budget (予算)             what a fund may give in all; part of it may be reserved
    grant (付与)              value given for an activity; a grant run gives by a list, row by row
    issue (発行)              points that a shop gives for a purchase, and owes for
    campaign (キャンペーン)    a rate, or dice, for some shops, days and hours, for a time
    coupon (クーポン)         what pays a part of a payment; its value never stays in a wallet
    offer (募集)              so many places, by draw or first come first served
    award (当選枠)            a place that a wallet has: a right to top up, or a coupon
    expiry (失効)             value at its end going back to its fund, or to a purpose
    purpose (使途)            what expired value is for, if not its fund: publicity, a donation
    notice (お知らせ)          what waits at a wallet or a shop until somebody has read it
    settlement (精算)         what town and shops owe each other for a period; two people make it
    line (明細)               a shop in a settlement; its parts (内訳) are what it is made of
    fee (手数料)              what a shop owes for what moved, by the fee rate at that instant
    charge (原資負担)          what a funder owes for value of its that was spent
    carry-over (繰越)         what is too little to move, or failed, in the shop's next settlement
    bank account (振込口座)    where a shop is paid, a version each time it changes
    bank file (銀行データ)      transfers (総合振込) or collections (預金口座振替), for the bank
    result file (結果ファイル)  the bank's answer to a collection
    statement (精算書)        what a settlement says to one shop
    reference date (基準日)    31 March, 30 September: what the law wants told of the half-year
    standing (適用区分)        of a kind of value: counted, six_months, municipal, free
    deposit (発行保証金)       half of what is unspent, above ten million yen
    report (報告)             the town's doings, from one snapshot
    home (地域)               the area of the shop of somebody's first top-up
    small cell (秘匿)         of fewer than five people: it is not told
    circular (回覧)           a notice that operators write to many; one row, and a mark a reader
    proposal (提案・通報)      what a wallet or shop tells the operator
    shop request (加盟店リクエスト) a shop that people ask for, counted together
    client (連携サービス)      an outside platform that citizens can link
    link (連携)               a citizen's consent to a client
    webhook (外部への通知)      what a client is told, signed, until it is delivered
    dead letter (配信不能)     a webhook that nobody sends any more until somebody says so
    listing (掲載)            what a shop tells everybody about itself
    application to join (加盟申込) a shop's wish to take part, until it is decided
    invitation (招待)         lets a shop's manager in at the shop site, once
    planned stop (計画停止)    when the service will not be there, told to every screen
    trouble (異常)            what is amiss; the person in charge is told as an alert
    event (通知)              an entry in the outbox, in the order of an account's feed
    seal (封印)               a link of the hash chain over the journal

Invariants (proved on any database by `ledger.verify`)
    - A posting takes from one account what it gives to another, so everything sums to zero.
    - A lot is the sum of its postings and is never negative.
    - The journal is append-only; a correction is a reversal.
    - An id is decided once. The same id with another body is refused as `id_reused`.
    - Entry numbers, event numbers and places in a feed have no gaps.

Concurrency
    One SQL call decides a batch in one transaction (`sql/functions/40_decide.sql` states the order
    of locks). A payment updates no row that another wallet's payment updates: the newest numbers
    and places of a shop's feed are read from the rows that have them, under the town's lock.

Time is a parameter everywhere: nothing here reads the clock, so a test can live through a year.

May import: config.
"""
