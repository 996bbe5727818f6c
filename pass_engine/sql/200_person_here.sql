-- Purpose: Persons of the partition that is being counted. A partition never divides a person, and which one a person is in
--     has no bearing on a number: what the partitions give is added.
-- Reads: person, partition_rule
-- Writes: person_here
-- Grain: one row a person
-- Binds: none
-- Days: none counted
SELECT
    p.person_id,
    p.birth_date,
    p.sex,
    p.country,
    p.registry_entry_date,
    p.death_date,
    p.last_contact_date,
    p.centre_id,
    p.cause_of_death
FROM person AS p
JOIN partition_rule AS r ON hash(p.person_id) % r.partitions = r.partition_no
