-- name: add_operator
-- Lets somebody in at the console.
INSERT INTO people.operator (town, operator, name, password_hash, role, created_at)
VALUES ($1, nextval('people.operator_number'), $2, $3, $4, $5)
RETURNING operator;

-- name: operator_by_name
-- The operator who signs in with this name; nobody who left.
SELECT operator, name, password_hash, role, created_at, closed_at FROM people.operator
WHERE town = $1 AND name = $2 AND closed_at IS NULL;

-- name: operator_by_number
-- One operator, also one who left.
SELECT operator, name, password_hash, role, created_at, closed_at FROM people.operator
WHERE town = $1 AND operator = $2;

-- name: first_operator
-- Whom the demo signs in at the console.
SELECT operator, name, password_hash, role, created_at, closed_at FROM people.operator
WHERE town = $1 AND role = 'operator' AND closed_at IS NULL ORDER BY operator LIMIT 1;

-- name: operators
-- Everybody who may sign in at the console, or might; oldest first.
SELECT operator, name, password_hash, role, created_at, closed_at FROM people.operator
WHERE town = $1 ORDER BY operator;

-- name: another_operator
-- Whether somebody else may change things too.
SELECT EXISTS (
    SELECT FROM people.operator
    WHERE town = $1 AND operator <> $2 AND role = 'operator' AND closed_at IS NULL
) AS found;

-- name: set_operator_password
-- An operator's new password.
UPDATE people.operator SET password_hash = $3 WHERE town = $1 AND operator = $2;

-- name: set_operator_role
-- What an operator may do from now on.
UPDATE people.operator SET role = $3 WHERE town = $1 AND operator = $2;

-- name: close_operator
-- An operator leaves.
UPDATE people.operator SET closed_at = $3
WHERE town = $1 AND operator = $2 AND closed_at IS NULL
RETURNING operator;
