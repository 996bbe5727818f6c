-- Purpose: Members of the two cohorts of a comparison by propensity scores. A person who entered both counts in the one
--     entered first alone; entered on one day, in neither.
-- Reads: propensity_rule, cohort_entry, covariate_pattern
-- Writes: covariate_arm
-- Grain: one row a comparison, cohort and person
-- Binds: none
-- Days: none counted
WITH entered AS (
    SELECT
        r.analysis,
        true AS is_target,
        n.person_no,
        n.cohort,
        coalesce(n.entry_date < o.entry_date, true) AS is_first
    FROM propensity_rule AS r
    JOIN cohort_entry AS n ON n.cohort = r.target
    LEFT JOIN cohort_entry AS o ON o.cohort = r.comparator AND o.person_no = n.person_no
    UNION ALL
    SELECT
        r.analysis,
        false AS is_target,
        n.person_no,
        n.cohort,
        coalesce(n.entry_date < o.entry_date, true) AS is_first
    FROM propensity_rule AS r
    JOIN cohort_entry AS n ON n.cohort = r.comparator
    LEFT JOIN cohort_entry AS o ON o.cohort = r.target AND o.person_no = n.person_no
)
SELECT e.analysis, e.is_target, e.is_first, e.person_no, p.pattern
FROM entered AS e
JOIN covariate_pattern AS p ON p.cohort = e.cohort AND p.person_no = e.person_no
