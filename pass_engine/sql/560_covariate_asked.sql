-- Purpose: What is asked of every person who entered a cohort: each covariate, with the days that are looked at.
-- Reads: cohort_entry, cohort_rule, person_in_study, covariate_rule
-- Writes: covariate_asked
-- Grain: one row a cohort, person and covariate
-- Binds: none
-- Days: both ends of the window count; it ends on day 0 or before
SELECT
    n.cohort,
    n.person_no,
    p.person_id,
    r.covariate,
    r.kind,
    r.code_key,
    r.by_class,
    n.entry_date,
    n.entry_date + r.from_day AS first_day,
    n.entry_date + r.to_day AS last_day
FROM cohort_entry AS n
JOIN cohort_rule AS c ON c.cohort = n.cohort AND c.is_counted
JOIN person_in_study AS p ON p.person_no = n.person_no
CROSS JOIN covariate_rule AS r
