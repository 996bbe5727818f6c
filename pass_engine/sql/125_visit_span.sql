-- Purpose: First and last visit of a person, from which time under follow-up may be derived.
-- Reads: mapped_visit, person, date_fill
-- Writes: visit_span
-- Grain: one row a person with a visit
-- Binds: none
-- Days: a filled date lies in its month or year, not before birth, nor after death or last contact; none counted
WITH dated AS (
    SELECT
        p.person_id,
        least(
            greatest(
                least(greatest(coalesce(f.filled_day, m.visit_date), p.birth_date), p.death_date, p.last_contact_date),
                m.visit_date),
            coalesce(f.last_day, m.visit_date)) AS visit_date
    FROM mapped_visit AS m
    JOIN person AS p ON p.person_id = m.person_id
    LEFT JOIN date_fill AS f
        ON f.kind = 'event' AND f.precision_name = m.visit_precision AND f.first_day = m.visit_date
    WHERE m.visit_date IS NOT NULL
)
SELECT person_id, min(visit_date) AS first_visit_date, max(visit_date) AS last_visit_date
FROM dated
GROUP BY person_id
