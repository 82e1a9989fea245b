-- migrate:up

-- Phone numbers asked after that nobody has, by the wallet that asked.
ALTER TABLE people.guard DROP CONSTRAINT guard_kind_check,
    ADD CONSTRAINT guard_kind_check
        CHECK (kind IN ('pin', 'manager_pin', 'password', 'operator', 'staff', 'recipient'));

-- migrate:down
