"""Profiles with one thing wrong, and the line that says so: two tables."""

from config.profile import LawSection, Profile
from config.profile.checks import EVENTS

# In Nagaoka's file: what stands there, what stands there instead, what is said.
WRONG_KEYS = [
    (
        "number = 1  ",
        "number = 0",
        "town.number: found 0; allowed is a whole number from 1 to 32767",
    ),
    (
        'code = "nagaoka"',
        'code = "Nagaoka"',
        'town.code: found "Nagaoka"; allowed is text of the form ^[a-z][a-z0-9-]{1,30}$',
    ),
    (
        'name = { ja = "長岡市", en = "Nagaoka" }',
        'name = "長岡市"',
        'town.name: found "長岡市"; allowed is a table, each value text in quotes',
    ),
    (
        'colour = "#a4262c"',
        'colour = "red"',
        'town.colour: found "red"; allowed is text of the form ^#[0-9a-f]{6}$',
    ),
    (
        'languages = ["ja", "en"]',
        "languages = []",
        "town.languages: found []; allowed is a list of at least one, each text in quotes",
    ),
    (
        "payment_max = 100_000",
        "",
        "limits.payment_max: found nothing; allowed is a whole number from 1 to 10000000",
    ),
    (
        "payment_max = 100_000",
        "payment_max = 0",
        "limits.payment_max: found 0; allowed is a whole number from 1 to 10000000",
    ),
    (
        "payment_max = 100_000",
        "payment_max = 100_000\npayment_min = 1",
        (
            "limits.payment_min: found a key that nothing reads; "
            "allowed is the keys payment_max, balance_cap"
        ),
    ),
    (
        "duplicate_window_s = 300",
        "duplicate_window_s = 86_401",
        "payments.duplicate_window_s: found 86401; allowed is a whole number from 1 to 86400",
    ),
    (
        'code_prefix = "8201"',
        "code_prefix = 8201",
        "payments.code_prefix: found 8201; allowed is text of the form ^[0-9]{1,8}$",
    ),
    (
        'spent_grants = "absorb"',
        'spent_grants = "ask"',
        'reversals.spent_grants: found "ask"; allowed is one of "absorb", "block", "debt"',
    ),
    (
        'expired_lots = "return"',
        "expired_lots = true",
        'reversals.expired_lots: found true; allowed is one of "extend", "return"',
    ),
    (
        'instruments = ["coin"]',
        'instruments = "coin"',
        'sending.instruments: found "coin"; allowed is a list of at least one, each text in quotes',
    ),
    (
        'clerk = { ja = "店員"',
        'boss = { ja = "店員"',
        (
            'roles.boss: found "boss"; '
            'allowed is one of "area", "clerk", "headquarters", "operator", "shop"'
        ),
    ),
    (
        'code = "street"\n',
        'code = "street!"\n',
        'groups[0].code: found "street!"; allowed is text of the form ^[a-z][a-z0-9_]{0,30}$',
    ),
    (
        'kind = "shop"',
        'kind = "till"',
        'ways[0].kind: found "till"; allowed is one of "exchange", "provider", "serial", "shop"',
    ),
    (
        "step = 500",
        "step = 0",
        "ways[0].step: found 0; allowed is a whole number from 1 to 10000000",
    ),
    (
        'kind = "points"',
        'kind = "miles"',
        (
            'instruments[1].kind: found "miles"; '
            'allowed is one of "coin", "coupon", "points", "ticket", "voucher"'
        ),
    ),
    (
        "spend_order = 3  ",
        'spend_order = "last"',
        'instruments[0].spend_order: found "last"; allowed is a whole number from 1 to 999',
    ),
    (
        'expires = { months = 6, at = "month_end" }',
        'expires = { months = 6, at = "year_end" }',
        (
            'instruments[0].expires.at: found "year_end"; '
            'allowed is one of "day_end", "instant", "month_end"'
        ),
    ),
    (
        'expires = { months = 6, at = "month_end" }',
        'expires = { date = "soon" }',
        'instruments[0].expires.date: found "soon"; allowed is a date such as 2027-02-28',
    ),
    (
        'on = "top_up"',
        'on = "birthday"',
        'grants[0].on: found "birthday"; allowed is one of "payment", "top_up"',
    ),
    (
        "basis_points = 100\n",
        "basis_points = 1.5\n",
        "grants[0].basis_points: found 1.5; allowed is a whole number from 0 to 100000",
    ),
    (
        'payment = { wallet = "paid"',
        'payment = { wallet = "gong"',
        (
            'sounds.payment.wallet: found "gong"; '
            'allowed is one of "", "attention", "paid", "refused", "topped_up"'
        ),
    ),
    (
        'overlap = "add"',
        'overlap = "all"',
        'campaigns.overlap: found "all"; allowed is one of "add", "best", "first"',
    ),
    (
        "warn_days = [30, 7, 1]",
        "warn_days = [30, 0]",
        "expiry.warn_days[1]: found 0; allowed is a whole number from 1 to 366",
    ),
    (
        'warn_at = "10:00"',
        'warn_at = "24:00"',
        (
            'expiry.warn_at: found "24:00"; '
            "allowed is text of the form ^([01][0-9]|2[0-3]):[0-5][0-9]$"
        ),
    ),
    (
        "grace_s = 300",
        "grace_s = 21_601",
        "expiry.grace_s: found 21601; allowed is a whole number from 0 to 21600",
    ),
    (
        "payout_min = 1_000",
        "payout_min = 0",
        "settlement.payout_min: found 0; allowed is a whole number from 1 to 10000000",
    ),
    (
        'fee_rounding = "down"',
        'fee_rounding = "floor"',
        ('settlement.fee_rounding: found "floor"; allowed is one of "down", "half_up", "up"'),
    ),
    (
        'code = "serial"',
        'code = "serial"\nneeds_right = "yes"',
        'ways[1].needs_right: found "yes"; allowed is true or false',
    ),
    (
        "[sounds]",
        '[issuing]\ninstrument = "point"\nper_yen = 0\npoints = 1\npurchase_max = 1\n[sounds]',
        "issuing.per_yen: found 0; allowed is a whole number from 1 to 10000000",
    ),
    (
        "[sounds]",
        '[[purposes]]\ncode = "Gifts"\nname = { ja = "寄附", en = "Gifts" }\n[sounds]',
        'purposes[0].code: found "Gifts"; allowed is text of the form ^[a-z][a-z0-9_]{0,30}$',
    ),
    (
        'paid_by = ["user"]',
        "paid_by = []",
        (
            "law.paid_by: found []; allowed is a list of at least one, each text of the form "
            "^[a-z][a-z0-9_]{0,30}$"
        ),
    ),
    (
        'terms = "https',
        'warranty = "none"\nterms = "https',
        (
            "law.warranty: found a key that nothing reads; "
            f"allowed is the keys {', '.join(LawSection.__struct_fields__)}"
        ),
    ),
    (
        'number = "T1000000000000"',
        'number = "1000000000000"',
        'invoice.number: found "1000000000000"; allowed is text of the form ^T[1-9][0-9]{12}$',
    ),
    (
        'transfer_client = "0000012345"',
        "transfer_client = 12345",
        "bank.transfer_client: found 12345; allowed is text of the form ^[0-9]{10}$",
    ),
    (
        'client_name = "ﾅｶﾞｵｶｼ ﾁｲｷﾂｳｶ"',
        'client_name = "長岡市"',
        (
            'bank.client_name: found "長岡市"; allowed is text of the form '
            "^[ｱ-ﾟA-Z0-9().-][ｱ-ﾟA-Z0-9 ().-]{0,39}$"
        ),
    ),
    (
        'account_type = "1"',
        'account_type = "4"',
        'bank.account_type: found "4"; allowed is one of "1", "2", "9"',
    ),
    (
        "[sounds]",
        "[prices]\nx = 1\n[sounds]",
        (
            "prices: found a key that nothing reads; "
            f"allowed is the keys {', '.join(Profile.__struct_fields__)}"
        ),
    ),
    (
        "notices_days = 366",
        "notices_days = 0",
        "keeping.notices_days: found 0; allowed is a whole number from 1 to 3660",
    ),
]

# Of which town; then the same.
BROKEN_RULES = [
    (
        "nagaoka",
        'paid_by = ["user"]',
        'paid_by = ["user", "city"]',
        'law.paid_by[1]: found "city"; allowed is one of user',
    ),
    (
        "hirakata",
        'paid_by = ["user", "exchange"]',
        'paid_by = ["exchange"]',
        'law.paid_by: found "exchange"; allowed is "user" among them',
    ),
    (
        "digital-coupon",
        'sign_in = ["sms", "line", "mynumber"]',
        'sign_in = ["line", "mynumber"]',
        (
            'people.sign_in: found "line, mynumber"; allowed is "sms", by which wallets are '
            "registered, and others beside it, each once"
        ),
    ),
    (
        "nagaoka",
        'time_zone = "Asia/Tokyo"',
        'time_zone = "Asia/Nagaoka"',
        'town.time_zone: found "Asia/Nagaoka"; allowed is a name such as Asia/Tokyo',
    ),
    (
        "nagaoka",
        'colour = "#a4262c"',
        'colour = "#ffcc00"',
        (
            "town.colour: found #ffcc00, 1.4:1 on the paper-white #faf7f0; "
            "allowed is a darker colour, 4.5:1 or more (WCAG 2.2 AA, text)"
        ),
    ),
    (
        "nagaoka",
        'name = { ja = "長岡市", en = "Nagaoka" }',
        'name = { ja = "長岡市" }',
        "town.name: found no words in en; allowed is words in each of town.languages: ja, en",
    ),
    (
        "nagaoka",
        'unit = { ja = "円", en = "yen" }',
        'unit = { ja = "円", en = " " }',
        (
            "instruments[0].unit: found no words in en; "
            "allowed is words in each of town.languages: ja, en"
        ),
    ),
    (
        "nagaoka",
        'name = { ja = "お店で現金", en = "Cash at a shop" }',
        'name = { ja = "お店で現金", en = "Cash at a shop", fr = "Espèces" }',
        (
            "ways[0].name.fr: found a language that the town does not have; "
            "allowed is one of town.languages: ja, en"
        ),
    ),
    (
        "nagaoka",
        "number = 2\n",
        "number = 1\n",
        "instruments[1].number: found 1; allowed is another one than instruments[0]'s",
    ),
    (
        "region-ring",
        'code = "bank"',
        'code = "card"',
        'ways[1].code: found "card"; allowed is another one than ways[0]\'s',
    ),
    (
        "nagaoka",
        'shops = ["street"]',
        'shops = ["streets"]',
        'instruments[2].shops[0]: found "streets"; allowed is one of street',
    ),
    (
        "nagaoka",
        "expires = { days = 60, at",
        "expires = { days = 60, idle_days = 60, at",
        (
            "instruments[2].expires: found months and days beside idle_days; "
            "allowed is one form: months and days, date, idle_days"
        ),
    ),
    (
        "nagaoka",
        'expires = { days = 60, at = "day_end" }',
        'expires = { months = 0, at = "instant" }',
        (
            "instruments[2].expires: found value that expires as it is given; "
            "allowed is some months or days"
        ),
    ),
    (
        "nagaoka",
        'instrument = "coin"\nmin',
        'instrument = "coins"\nmin',
        'ways[0].instrument: found "coins"; allowed is one of coin, point, street_point',
    ),
    (
        "nagaoka",
        "max = 100_000\nstep",
        "max = 300_500\nstep",
        "ways[0].max: found 300500; allowed is at most limits.balance_cap, 300000",
    ),
    (
        "nagaoka",
        "min = 500\n",
        "min = 100_500\n",
        "ways[0].min: found 100500; allowed is at most ways[0].max, 100000",
    ),
    (
        "nagaoka",
        "min = 500\n",
        "min = 600\n",
        "ways[0].min: found 600; allowed is a multiple of ways[0].step, 500",
    ),
    (
        "nagaoka",
        'kind = "serial"',
        'kind = "serial"\nprovider = "bank"',
        'ways[1].provider: found "bank"; allowed is nothing, because kind is serial',
    ),
    (
        "nagaoka",
        'kind = "serial"',
        'kind = "serial"\nout = true',
        'ways[1].out: found true; allowed is false, or kind = "exchange"',
    ),
    (
        "nagaoka",
        'kind = "serial"',
        'kind = "serial"\nrate_numerator = 2',
        'ways[1].rate_numerator: found 2/1; allowed is 1/1, or kind = "exchange"',
    ),
    (
        "region-ring",
        'provider = "card"\n',
        "",
        "ways[0].provider: found nothing; allowed is an adapter's code, because kind is provider",
    ),
    (
        "region-ring",
        "day_max = 50_000\n",
        "day_max = 4_000\n",
        "ways[0].day_max: found 4000; allowed is at least ways[0].min, 5000",
    ),
    (
        "region-ring",
        "month_max = 100_000\n",
        "month_max = 40_000\n",
        "ways[0].month_max: found 40000; allowed is at least a day's 50000",
    ),
    (
        "region-ring",
        "new_account_day_max = 20_000\n",
        "",
        (
            "ways[0].new_account_days: found one of new_account_days and new_account_day_max; "
            "allowed is both or neither"
        ),
    ),
    (
        "hirakata",
        "rate_numerator = 1\n",
        "rate_numerator = 3\n",
        "ways[0].step: found 100; allowed is whole points of theirs at 3 of ours for 2",
    ),
    (
        "digital-coupon",
        "step = 500\n",
        "step = 100\n",
        "ways[3].step: found 100; allowed is a multiple of common_ticket's unit_yen 500",
    ),
    (
        "digital-coupon",
        "basis_points = 2_500",
        "basis_points = 2_600",
        (
            "grants[1].basis_points: found 2600; "
            "allowed is whole tickets of 500 yen for each 4000 yen of the way convenience_book"
        ),
    ),
    (
        "digital-coupon",
        "unit_yen = 500  ",
        "unit_yen = 1  ",
        "instruments[1].unit_yen: found 1; allowed is what one ticket is worth, more than 1",
    ),
    (
        "nagaoka",
        'kind = "coin"',
        'kind = "coin"\nunit_yen = 500',
        'instruments[0].unit_yen: found 500; allowed is 1, or kind = "ticket"',
    ),
    (
        "digital-coupon",
        'ways = ["convenience_book"]',
        'ways = ["book"]',
        (
            'grants[1].ways[0]: found "book"; '
            "allowed is one of card, convenience, convenience_book, serial"
        ),
    ),
    (
        "nagaoka",
        'on = "top_up"\nof = "coin"\ninstrument = "street_point"',
        'on = "payment"\nof = "coin"\ninstrument = "street_point"',
        'grants[2].ways: found serial; allowed is none, because on is "payment"',
    ),
    (
        "nagaoka",
        'of = "coin"',
        'of = "gold"',
        'grants[0].of: found "gold"; allowed is one of coin, point, street_point',
    ),
    (
        "nagaoka",
        'funder = "city"',
        'funder = "user"',
        'grants[0].funder: found "user"; allowed is somebody else: what is given is not theirs',
    ),
    (
        "nagaoka",
        'instruments = ["coin"]',
        'instruments = ["coin", "cash"]',
        'sending.instruments[1]: found "cash"; allowed is one of coin, point, street_point',
    ),
    (
        "hirakata",
        'instrument = "common"\nper_yen',
        'instrument = "coin"\nper_yen',
        (
            'issuing.instrument: found "coin"; allowed is one of '
            "health, childcare, volunteer, making, common, which are points"
        ),
    ),
    (
        "hirakata",
        "purchase_max = 300_000",
        "purchase_max = 99",
        "issuing.purchase_max: found 99; allowed is at least issuing.per_yen, 100",
    ),
    (
        "hirakata",
        "points = 1\n",
        "points = 34\n",
        (
            "issuing.points: found 102000 points for 300000 yen; "
            "allowed is at most limits.balance_cap, 100000"
        ),
    ),
    (
        "hirakata",
        "purchase_max = 300_000",
        'purchase_max = 300_000\nfunder = "user"',
        'issuing.funder: found "user"; allowed is somebody else: what is given is not theirs',
    ),
    (
        "hirakata",
        'code = "publicity"',
        'code = "publicity"\nname = { ja = "広報", en = "News" }\n[[purposes]]\ncode = "publicity"',
        'purposes[1].code: found "publicity"; allowed is another one than purposes[0]\'s',
    ),
    (
        "hirakata",
        'name = { ja = "社会福祉への寄附", en = "Donation to social welfare" }',
        'name = { ja = "社会福祉への寄附" }',
        (
            "purposes[1].name: found no words in en; "
            "allowed is words in each of town.languages: ja, en"
        ),
    ),
    (
        "hirakata",
        'expired_to = "donation"',
        'expired_to = "charity"',
        'instruments[2].expired_to: found "charity"; allowed is one of publicity, donation',
    ),
    (
        "nagaoka",
        'kind = "coin"\n',
        'kind = "coin"\nexpired_to = "city"\n',
        'instruments[0].expired_to: found "city"; allowed is one of (there are none)',
    ),
    (
        "hirakata",
        "warn_days = [60, 30, 7]",
        "warn_days = [60, 30, 60]",
        "expiry.warn_days[2]: found 60; allowed is each number of days once",
    ),
    (
        "digital-coupon",
        'kind = "coupon"\n',
        'kind = "coupon"\nexpires = { days = 1 }\n',
        "instruments[3].expires: found an end; allowed is none, because kind is coupon",
    ),
    (
        "digital-coupon",
        'kind = "coupon"\n',
        'kind = "coupon"\nexpired_to = "gifts"\n',
        'instruments[3].expired_to: found "gifts"; allowed is nothing, because kind is coupon',
    ),
    (
        "digital-coupon",
        'kind = "coupon"\n',
        'kind = "coupon"\nmixes = false\n',
        "instruments[3].mixes: found false; allowed is true, because kind is coupon",
    ),
    (
        "digital-coupon",
        'kind = "coupon"\n',
        'kind = "coupon"\nunit_yen = 500\n',
        'instruments[3].unit_yen: found 500; allowed is 1, or kind = "ticket"',
    ),
    (
        "digital-coupon",
        'provider = "card"\ninstrument = "voucher"',
        'provider = "card"\ninstrument = "coupon"',
        'ways[0].instrument: found "coupon"; allowed is an instrument of another kind than coupon',
    ),
    (
        "digital-coupon",
        'of = "voucher"\ninstrument = "voucher"',
        'of = "voucher"\ninstrument = "coupon"',
        (
            'grants[0].instrument: found "coupon"; '
            "allowed is an instrument of another kind than coupon"
        ),
    ),
    (
        "digital-coupon",
        'of = "voucher"\n',
        'of = "coupon"\n',
        'grants[0].of: found "coupon"; allowed is an instrument of another kind than coupon',
    ),
    (
        "digital-coupon",
        "[roles.clerk]",
        (
            '[sending]\ninstruments = ["coupon"]\nact_max = 1\nday_max = 1\nmonth_max = 1\n'
            "[roles.clerk]"
        ),
        (
            'sending.instruments[0]: found "coupon"; '
            "allowed is an instrument of another kind than coupon"
        ),
    ),
    (
        "nagaoka",
        "act_max = 30_000",
        "act_max = 60_000",
        "sending.act_max: found 60000; allowed is at most 50000 a day",
    ),
    (
        "nagaoka",
        "month_max = 200_000",
        "month_max = 40_000",
        "sending.day_max: found 50000; allowed is at most 40000 a month",
    ),
    (
        "nagaoka",
        "shop_max = 100_000",
        "shop_max = 5_000",
        "reversals.shop_max: found 5000; allowed is at least 10000, the rank's below",
    ),
    (
        "nagaoka",
        'expired_lots = "return"',
        'expired_lots = "extend"',
        'reversals.extend_days: found 0; allowed is some days, because expired_lots is "extend"',
    ),
    (
        "hirakata",
        "max = 10_000\nstep = 100\nday_max",
        "max = 50_100\nstep = 100\nday_max",
        (
            "reversals.operator_max: found 50000; allowed is at least ways[0].max, 50100: "
            "what goes out may come back"
        ),
    ),
    (
        "nagaoka",
        'shop = { ja = "店長", en = "Shop manager" }\n',
        "",
        "roles.shop: found nothing; allowed is words: every town has this rank",
    ),
    (
        "nagaoka",
        "top_up = { wallet",
        "topup = { wallet",
        (
            "sounds.topup: found a kind of event that there is not; "
            f"allowed is one of {', '.join(EVENTS)}"
        ),
    ),
]
