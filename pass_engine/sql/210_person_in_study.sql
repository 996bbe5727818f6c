-- Purpose: Persons this registry contributes: all but those it gives up to another registry of the network, and those
--     left out for what is wrong with their data. They are numbered, since whole numbers are compared faster than
--     pseudonyms; the number means nothing elsewhere. Where the protocol says so, one without a death record dies on the
--     last day of a report with a fatal outcome, if not seen later.
-- Reads: person_here, excluded_country, faulty_person, disease, event_report, study_rule
-- Writes: person_in_study
-- Grain: one row a person
-- Binds: none
-- Days: none counted
WITH fatal AS (
    SELECT person_id, max(end_date) AS last_day
    FROM event_report
    WHERE outcome = 'fatal'
    GROUP BY person_id
)
SELECT
    CAST(row_number() OVER (ORDER BY p.person_id) AS INTEGER) AS person_no,
    p.person_id,
    p.birth_date,
    p.sex,
    p.country,
    p.registry_entry_date,
    CASE
        WHEN p.death_date IS NULL AND s.fatal_as_death AND f.last_day >= coalesce(p.last_contact_date, f.last_day)
            THEN f.last_day
        ELSE p.death_date
    END AS death_date,
    p.death_date AS recorded_death_date,
    p.last_contact_date,
    p.centre_id,
    p.cause_of_death,
    d.onset_date,
    d.diagnosis_date
FROM person_here AS p
CROSS JOIN study_rule AS s
LEFT JOIN fatal AS f ON f.person_id = p.person_id
LEFT JOIN disease AS d ON d.person_id = p.person_id
LEFT JOIN excluded_country AS x ON p.country = x.country
LEFT JOIN faulty_person AS b ON b.person_id = p.person_id
WHERE x.country IS NULL AND b.person_id IS NULL
