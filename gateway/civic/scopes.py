"""What a citizen can allow a platform, in words for the page that asks."""

from collections.abc import Mapping

WHO, BALANCE, GRANT = "who", "balance", "grant"

# By scope: what the citizen reads, in Japanese and English.
SCOPES: Mapping[str, tuple[str, str]] = {
    WHO: (
        "ウォレットに登録したお名前を見ること",
        "See the name that your wallet has",
    ),
    BALANCE: (
        "残高（合計と種類ごとの額）を見ること",
        "See your balance: the sum, and how much of each kind",
    ),
    GRANT: (
        "参加のお礼のポイントを贈ること（まちがえて贈った分のうち、まだ使われていないものを取り消すこと）",
        "Give you points for taking part, and take back unspent ones that were given by mistake",
    ),
}

NEVER = (
    "支払いはできません。電話番号、利用先、利用履歴は見えません。",
    "It can never pay, and sees neither your phone number nor where or what you spend.",
)
