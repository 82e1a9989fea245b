-- migrate:up

-- What identifies a shop beside its own sticker: a JPQR sticker's id, a store code, the id of a device
-- to touch or of an electronic stamp. `mark` is in the normal form of its scheme (gateway.qr.marks).
-- A mark that was taken off stays, with `removed_at`: it tells what a payer's screen once read.
CREATE TABLE koban.shop_mark (
    town smallint NOT NULL,
    attachment bigint NOT NULL,
    scheme text NOT NULL CHECK (scheme IN ('jpqr', 'store_code', 'device', 'stamp')),
    mark text NOT NULL CONSTRAINT shop_mark_is_normal CHECK (mark ~ '^[0-9A-Z.]{2,64}$'),
    shop bigint NOT NULL,
    added_at timestamptz NOT NULL,
    removed_at timestamptz,
    PRIMARY KEY (town, attachment),
    FOREIGN KEY (town, shop) REFERENCES koban.shop,
    CHECK (removed_at >= added_at)
);
CREATE UNIQUE INDEX shop_mark_in_use ON koban.shop_mark (town, scheme, mark)
    WHERE removed_at IS NULL; -- add_mark, remove_mark, shop_by_mark
CREATE INDEX shop_mark_by_shop ON koban.shop_mark (town, shop); -- marks
CREATE SEQUENCE koban.attachment_number START 1;

-- migrate:down
