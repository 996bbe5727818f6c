-- Purpose: Visits at which disability is compared with what it was at cohort entry: those with EDSS, until death and data
--     cut, but for the days from a relapse on that the protocol sets aside.
-- Reads: disability_rule, cohort_entry, person_in_study, visit, relapse, registry_rule
-- Writes: disability_visit
-- Grain: one row an outcome, person and day
-- Binds: none
-- Days: a visit on the day of a relapse, or at most relapse_free_days after it, is set aside, both ends included; EDSS in
--     half points
WITH seen AS (
    SELECT
        r.outcome,
        p.person_no,
        p.person_id,
        n.entry_date,
        v.visit_date,
        r.relapse_free_days,
        max(CAST(v.edss * 2 AS INTEGER)) AS half_points
    FROM disability_rule AS r
    JOIN cohort_entry AS n ON n.cohort = r.cohort
    JOIN person_in_study AS p ON p.person_no = n.person_no
    JOIN visit AS v ON v.person_id = p.person_id AND v.edss IS NOT NULL
    CROSS JOIN registry_rule AS g
    WHERE v.visit_date <= g.data_cut_date AND v.visit_date <= coalesce(p.death_date, v.visit_date)
    GROUP BY r.outcome, p.person_no, p.person_id, n.entry_date, v.visit_date, r.relapse_free_days
),
set_aside AS (
    SELECT DISTINCT s.outcome, s.person_no, s.visit_date
    FROM seen AS s
    JOIN relapse AS x
        ON x.person_id = s.person_id AND x.onset_date <= s.visit_date
        AND x.onset_date + s.relapse_free_days >= s.visit_date
    WHERE s.relapse_free_days > 0
)
SELECT
    s.outcome,
    s.person_no,
    s.entry_date,
    s.visit_date,
    s.half_points
FROM seen AS s
LEFT JOIN set_aside AS a ON a.outcome = s.outcome AND a.person_no = s.person_no AND a.visit_date = s.visit_date
WHERE a.person_no IS NULL
