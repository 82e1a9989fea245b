-- migrate:up

-- First-come sales: what an offer that is awarded to whoever comes first needs beside its places.

-- `seed` orders those who came before the opening (`ledger.sales.early_score`): its digest is public
-- from the start, itself when the sale is over. `age_min`: the years that a buyer must have.
--
-- The queue itself is in Redis, which may lose it. `room` is the number that the waiting room had
-- when it was seen last (drawn when it was made; 0: none yet), `told_until` the latest instant at
-- which anybody in it was told to ask again. A room that is another than this one stands in the
-- place of one that was lost: nothing is sold before `held_until`, so that those who waited are back.
CREATE TABLE koban.sale (
    town smallint NOT NULL,
    offer bigint NOT NULL,
    seed bytea NOT NULL CHECK (octet_length(seed) = 32),
    age_min smallint CHECK (age_min BETWEEN 1 AND 120),
    room bigint NOT NULL DEFAULT 0,
    told_until timestamptz,
    held_until timestamptz,
    PRIMARY KEY (town, offer),
    FOREIGN KEY (town, offer) REFERENCES koban.offer
) WITH (fillfactor = 50);
CREATE INDEX offer_first_come ON koban.offer (closes_at) WHERE awarding = 'first_come'; -- sales: sales

-- migrate:down
