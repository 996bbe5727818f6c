-- Purpose: Persons with what tells whether they are still followed: alive at the cut, last seen, days observed.
-- Reads: person, visit, observed_span, registry_rule
-- Writes: person_sight
-- Grain: one row a person
-- Binds: none
-- Days: both ends of a period count; last seen is the later of last contact and last visit, and at most the cut
WITH last_visit AS (
    SELECT v.person_id, max(v.visit_date) AS visit_date
    FROM visit AS v
    CROSS JOIN registry_rule AS r
    WHERE v.visit_date <= r.data_cut_date
    GROUP BY v.person_id
),
observed AS (
    SELECT person_id, CAST(sum(date_diff('day', start_date, end_date) + 1) AS BIGINT) AS observed_days
    FROM observed_span
    GROUP BY person_id
)
SELECT
    p.person_id,
    coalesce(p.death_date > r.data_cut_date, true) AS is_alive,
    CASE WHEN coalesce(p.last_contact_date, v.visit_date) IS NOT NULL
        THEN least(greatest(p.last_contact_date, v.visit_date), r.data_cut_date) END AS last_seen_date,
    coalesce(o.observed_days, 0) AS observed_days
FROM person AS p
CROSS JOIN registry_rule AS r
LEFT JOIN last_visit AS v ON v.person_id = p.person_id
LEFT JOIN observed AS o ON o.person_id = p.person_id
