-- migrate:up

-- Expiry: what has come to its end by a town's midnight (`boundary`) leaves its wallets. A run's list
-- is made once, when it begins; `wallet` and `destination` are how far it has come in it.
CREATE TABLE koban.expiry_run (
    town smallint NOT NULL,
    boundary timestamptz NOT NULL,
    listed bigint NOT NULL DEFAULT 0,
    done bigint NOT NULL DEFAULT 0,
    amount bigint NOT NULL DEFAULT 0,
    wallet bigint NOT NULL DEFAULT 0,
    destination bigint NOT NULL DEFAULT 0,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    PRIMARY KEY (town, boundary)
);

CREATE TABLE koban.expiry_row (
    town smallint NOT NULL,
    boundary timestamptz NOT NULL,
    wallet bigint NOT NULL,
    destination bigint NOT NULL,
    PRIMARY KEY (town, boundary, wallet, destination)
);

-- migrate:down
