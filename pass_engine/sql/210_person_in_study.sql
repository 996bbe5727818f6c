-- Purpose: Persons this registry contributes: all but those it gives up to another registry of the network, and those
--     left out for what is wrong with their data. They are numbered, since whole numbers are compared faster than
--     pseudonyms; the number means nothing elsewhere.
-- Reads: person_here, excluded_country, faulty_person, disease
-- Writes: person_in_study
-- Grain: one row a person
-- Binds: none
-- Days: none counted
SELECT
    CAST(row_number() OVER (ORDER BY p.person_id) AS INTEGER) AS person_no,
    p.person_id,
    p.birth_date,
    p.sex,
    p.country,
    p.registry_entry_date,
    p.death_date,
    p.last_contact_date,
    p.centre_id,
    p.cause_of_death,
    d.onset_date,
    d.diagnosis_date
FROM person_here AS p
LEFT JOIN disease AS d ON d.person_id = p.person_id
LEFT JOIN excluded_country AS x ON p.country = x.country
LEFT JOIN faulty_person AS f ON f.person_id = p.person_id
WHERE x.country IS NULL AND f.person_id IS NULL
