-- name: versions_in_force
-- Which version of its rules each town has at an instant.
SELECT DISTINCT ON (town) town, version FROM koban.profile WHERE valid_from <= $1
ORDER BY town, valid_from DESC;

-- name: stored_source
-- A version of a town's rules, as it was loaded.
SELECT source FROM koban.profile WHERE town = $1 AND version = $2;

-- name: stored_profiles
-- All versions of all towns' rules, by town and instant.
SELECT p.town, t.code, p.version, p.valid_from, p.source
FROM koban.profile p JOIN koban.town t USING (town) ORDER BY p.town, p.valid_from;
