-- migrate:up

-- Value that comes in from a provider, or goes out to one: what was ordered and how far it is. The
-- order is no money: the value itself is in the journal, in the entry with the order's own id.

-- `amount` is ours in yen, `their_amount` what moves on the provider's side (another company's
-- points; otherwise the same). `member`: whom the other company credits. `code_digest`: the one-time
-- code with which a cash machine learned the wallet. `reason`: why it failed or is refunded.
-- `attention`: what a person has to look at, "" where nothing is. `look_at`: when it is due for
-- another look, by whichever gateway comes first; null once it is settled.
CREATE TABLE koban.load_order (
    town smallint NOT NULL,
    id uuid NOT NULL,
    direction text NOT NULL CHECK (direction IN ('in', 'out')),
    way text NOT NULL,
    provider text NOT NULL,
    wallet bigint NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    their_amount bigint NOT NULL CHECK (their_amount > 0),
    member text NOT NULL DEFAULT '',
    code_digest bytea,
    state text NOT NULL CHECK (state IN (
        'requested', 'unknown', 'accepted', 'paid', 'arrived', 'refunding', 'refunded',
        'taken', 'delivered', 'returning', 'returned', 'failed', 'expired')),
    reference text NOT NULL DEFAULT '',
    url text NOT NULL DEFAULT '',
    number text NOT NULL DEFAULT '',
    reason text NOT NULL DEFAULT '',
    attention text NOT NULL DEFAULT '',
    opened_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    paid_at timestamptz,
    looks integer NOT NULL DEFAULT 0,
    look_at timestamptz,
    PRIMARY KEY (town, id),
    FOREIGN KEY (town, wallet) REFERENCES koban.account
) WITH (fillfactor = 70);
CREATE INDEX load_order_by_wallet ON koban.load_order (town, wallet, opened_at, id); -- orders_of
CREATE INDEX load_order_due ON koban.load_order (town, look_at)
    WHERE look_at IS NOT NULL; -- claim
CREATE INDEX load_order_by_time ON koban.load_order (town, opened_at, id); -- orders
CREATE INDEX load_order_open ON koban.load_order (town, opened_at, id)
    WHERE look_at IS NOT NULL; -- orders
CREATE INDEX load_order_noticed ON koban.load_order (town, opened_at, id)
    WHERE attention <> ''; -- orders
CREATE INDEX load_order_by_payment ON koban.load_order (town, provider, paid_at)
    WHERE paid_at IS NOT NULL; -- paid_between
CREATE UNIQUE INDEX load_order_by_code ON koban.load_order (town, code_digest)
    WHERE code_digest IS NOT NULL; -- A code shown to a cash machine announces one deposit.

-- Everything that moved an order, and every word that contradicted what was known. Append-only.
CREATE TABLE koban.load_step (
    town smallint NOT NULL,
    id uuid NOT NULL,
    line integer NOT NULL,
    at timestamptz NOT NULL,
    source text NOT NULL,
    word text NOT NULL,
    from_state text NOT NULL,
    to_state text NOT NULL,
    detail text NOT NULL DEFAULT '',
    PRIMARY KEY (town, id, line),
    FOREIGN KEY (town, id) REFERENCES koban.load_order
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON koban.load_step
    FOR EACH ROW EXECUTE FUNCTION koban.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON koban.load_step
    FOR EACH STATEMENT EXECUTE FUNCTION koban.refuse_change();

-- Serial cards are made in batches: what a batch's cards are worth, and who had them made. The cards
-- themselves are in koban.serial_card, as digests; who pays for their value is said by their way.
CREATE TABLE koban.serial_batch (
    town smallint NOT NULL,
    batch bigint NOT NULL,
    way text NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    count integer NOT NULL CHECK (count > 0),
    made_by text NOT NULL,
    made_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (town, batch)
);
CREATE SEQUENCE koban.serial_batch_number START 1;

-- migrate:down
