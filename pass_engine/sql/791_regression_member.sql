-- Purpose: Members of the two cohorts of a comparison by regression, and the day from which their time runs. Who entered
--     both counts in the cohort entered first alone (entered on one day, in neither), or in both, as the protocol says.
-- Reads: regression_rule, cohort_entry, covariate_pattern, person_in_study
-- Writes: regression_member
-- Grain: one row a comparison, cohort and person; stays in the registry
-- Binds: none
-- Days: none counted; without an own_origin time runs from the origin of time since start
WITH entered AS (
    SELECT r.analysis, r.time_scale, r.first_cohort, true AS is_target, n.cohort, n.person_no, n.entry_date,
        o.entry_date AS other_date
    FROM regression_rule AS r
    JOIN cohort_entry AS n ON n.cohort = r.target
    LEFT JOIN cohort_entry AS o ON o.cohort = r.comparator AND o.person_no = n.person_no
    UNION ALL
    SELECT r.analysis, r.time_scale, r.first_cohort, false AS is_target, n.cohort, n.person_no, n.entry_date,
        o.entry_date AS other_date
    FROM regression_rule AS r
    JOIN cohort_entry AS n ON n.cohort = r.comparator
    LEFT JOIN cohort_entry AS o ON o.cohort = r.target AND o.person_no = n.person_no
)
SELECT
    e.analysis,
    e.is_target,
    e.person_no,
    p.person_id,
    coalesce(c.pattern, 0) AS pattern,
    CASE WHEN NOT e.first_cohort OR coalesce(e.entry_date < e.other_date, true) THEN 1 ELSE 0 END AS is_counted,
    e.time_scale <> 'since_start' AS has_own_origin,
    CASE e.time_scale
        WHEN 'since_first_entry' THEN least(e.entry_date, coalesce(e.other_date, e.entry_date))
        WHEN 'age' THEN p.birth_date
        WHEN 'calendar' THEN DATE '1900-01-01'
    END AS own_origin
FROM entered AS e
JOIN person_in_study AS p ON p.person_no = e.person_no
LEFT JOIN covariate_pattern AS c ON c.cohort = e.cohort AND c.person_no = e.person_no
