-- migrate:up

-- What a top-up may be stands with each way (koban.way) now.
ALTER TABLE koban.profile
    DROP COLUMN top_up_min, DROP COLUMN top_up_max, DROP COLUMN top_up_step,
    DROP COLUMN top_up_instrument;

-- migrate:down
