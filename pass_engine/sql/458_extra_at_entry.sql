-- Purpose: Level of each variable of the study beyond the core data model that is described at entry; missing where the
--     registry does not have it.
-- Reads: cohort_entry, cohort_rule, person_in_study, extra_rule, extra_value, extra_band
-- Writes: extra_at_entry
-- Grain: one row a cohort, person and variable
-- Binds: none
-- Days: none counted
WITH asked AS (
    SELECT n.cohort, n.person_no, p.person_id, x.variable, x.is_number
    FROM cohort_entry AS n
    JOIN cohort_rule AS r ON r.cohort = n.cohort AND r.is_counted
    JOIN person_in_study AS p ON p.person_no = n.person_no
    CROSS JOIN extra_rule AS x
)
SELECT
    a.cohort,
    a.person_no,
    a.variable,
    coalesce(CASE WHEN a.is_number THEN b.level ELSE v.text_value END, 'missing') AS level
FROM asked AS a
LEFT JOIN extra_value AS v ON v.person_id = a.person_id AND v.variable = a.variable
LEFT JOIN extra_band AS b
    ON b.variable = a.variable AND v.number_value >= b.at_least AND v.number_value < b.below
