"""The kinds of trouble: how long each may last untold, and what is said about it."""

from datetime import timedelta

from msgspec import Struct


class Kind(Struct, frozen=True):
    """A kind of trouble. It is told when it has lasted for ``patience``: what heals by itself at
    once wakes nobody. ``ja`` and ``en``: what is amiss; ``next_ja`` and ``next_en``: what to do.
    """

    patience: timedelta
    ja: str
    en: str
    next_ja: str
    next_en: str


AT_ONCE = timedelta()

KINDS: dict[str, Kind] = {
    "gateway_down": Kind(
        timedelta(seconds=15),
        "ゲートウェイが応答しません。支払いはすべて止まっています",
        "No gateway answers: nobody can pay",
        "ゲートウェイとロードバランサーを確認し、起動してください。",
        "Look at the gateways and the balancer, and start them.",
    ),
    "postgres_down": Kind(
        timedelta(seconds=10),
        "データベースに接続できません。支払いはすべて止まっています",
        "Postgres is away: no payment can be decided",
        "Postgresのサーバーとディスクの空きを確認し、必要なら予備機に切り替えてください。",
        "Look at the Postgres server and its disk; switch to the standby if it does not come back.",
    ),
    "redis_down": Kind(
        timedelta(seconds=30),
        "Redisに接続できません。支払いは続いていますが、ゲートウェイ間の通知が遅れます",
        "Redis is away: payments go on, news between gateways comes later",
        "Redis（Valkey）のサーバーを確認してください。データの復旧は不要です。",
        "Look at the Redis (Valkey) server; nothing in it has to be restored.",
    ),
    "feed_lag": Kind(
        timedelta(seconds=15),
        "決済の通知が画面に届くまでに遅れが出ています",
        "Events reach the screens late",
        "ゲートウェイとデータベースの負荷を確認してください。",
        "Look at the load of the gateways and of Postgres.",
    ),
    "unshown": Kind(
        timedelta(minutes=2),
        "決済完了の表示を確認できない取引が多数あります",
        "Many payments were not shown to one of their parties",
        "管理画面の一覧で、店舗の通信状況を確認してください。",
        "The console lists them; look whether shops have lost their network.",
    ),
    "loads_hang": Kind(
        AT_ONCE,
        "チャージ（または外部への交換）が途中で止まっています",
        "Orders with providers of top-ups hang, or contradict what the provider says",
        "管理画面のチャージ一覧を確認し、事業者に問い合わせてください。",
        "The console's list of orders shows which; ask the provider.",
    ),
    "jobs_failed": Kind(
        AT_ONCE,
        "失敗したまま再試行されない処理があります",
        "Jobs have failed and are not tried again by themselves",
        "「koban jobs list --failed」で理由を確認し、直してから retry してください。",
        "koban jobs list --failed says why; mend it, then koban jobs retry.",
    ),
    "webhooks_dead": Kind(
        AT_ONCE,
        "外部サービスへの通知（Webhook）が届かず、再送も終わりました",
        "Webhooks have not reached an outside platform and are not tried again by themselves",
        "「koban webhooks list --state dead」で理由を確認し、直してから retry してください。",
        "koban webhooks list --state dead says why; mend it, then koban webhooks retry.",
    ),
    "no_worker": Kind(
        timedelta(minutes=1),
        "ワーカーが動いていません。予定の処理は行われません",
        "No worker runs: nothing is done at its time, and jobs wait",
        "ワーカー（python -m gateway.jobs）を起動してください。遅れた分は自動で処理されます。",
        "Start a worker (python -m gateway.jobs); what was missed is caught up by itself.",
    ),
    "verify_failed": Kind(
        AT_ONCE,
        "帳簿の検証で不一致が見つかりました",
        "The books do not add up: the latest verification found what does not hold",
        "支払いを止め、「./scripts/verify」の結果を確認してください。",
        "Stop payments and find out why; ./scripts/verify lists what does not hold.",
    ),
    "backup_old": Kind(
        AT_ONCE,
        "新しいバックアップがありません",
        "The newest backup is too old",
        "「./scripts/backup」を手動で実行し、失敗の理由を確認してください。",
        "Run ./scripts/backup by hand and see why it fails.",
    ),
    "archive_stopped": Kind(
        timedelta(minutes=2),
        "データベースの更新ログ（WAL）の保存または予備機への送信が止まっています",
        "The log of changes (WAL) no longer reaches its archive or the standby",
        "「./scripts/backup follow」と予備機が動いているか、保存先の空きを確認してください。",
        "See whether ./scripts/backup follow and the standby run, and whether a disk is full.",
    ),
    "trial": Kind(
        AT_ONCE,
        "これは試験通知です。対応は不要です",
        "This is a trial; nothing is amiss",
        "この通知が届けば、設定は正しく行われています。",
        "That it has reached you shows that the settings are right.",
    ),
}
