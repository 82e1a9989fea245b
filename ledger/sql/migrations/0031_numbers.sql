-- migrate:up

-- No row is advanced by every batch any more: the newest numbers are read from the rows that have
-- them (koban.last_entry, koban.last_event, koban.feed_position), and who writes alone in a town is
-- said by a lock in memory. `feed_seq` counts a wallet's feed; few payments share a wallet.
ALTER TABLE koban.town DROP COLUMN last_entry, DROP COLUMN last_event;
UPDATE koban.account SET feed_seq = 0 WHERE kind <> 'wallet';

-- migrate:down
