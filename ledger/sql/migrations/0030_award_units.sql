-- migrate:up

-- A place of a draw is worth as many units as were wished for: `units` times the offer's `amount`.
-- Places of coupons and of first-come sales are of one unit.
ALTER TABLE koban.award ADD COLUMN units smallint NOT NULL DEFAULT 1 CHECK (units > 0);

-- migrate:down
