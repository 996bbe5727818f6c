-- Purpose: Visits with EDSS; without a day a row is set aside.
-- Reads: mapped_visit, person, date_fill
-- Writes: visit
-- Grain: one row a person, day and EDSS
-- Binds: none
-- Days: a filled date lies in its month or year, not before birth, nor after death or last contact
SELECT DISTINCT
    p.person_id,
    CASE WHEN m.visit_date IS NOT NULL THEN
        least(
            greatest(
                least(greatest(coalesce(f.filled_day, m.visit_date), p.birth_date), p.death_date, p.last_contact_date),
                m.visit_date),
            coalesce(f.last_day, m.visit_date))
    END AS visit_date,
    CAST(m.edss AS DOUBLE) AS edss
FROM mapped_visit AS m
JOIN person AS p ON p.person_id = m.person_id
LEFT JOIN date_fill AS f
    ON f.kind = 'event' AND f.precision_name = m.visit_precision AND f.first_day = m.visit_date
WHERE m.visit_date IS NOT NULL
