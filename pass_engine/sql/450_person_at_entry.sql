-- Purpose: What was known of a person at cohort entry: the values that the baseline table counts.
-- Reads: cohort_entry, cohort_rule, person_in_study, course, visit, relapse, treatment, exposure_substance, mapped_table,
--     drop_rule
-- Writes: person_at_entry
-- Grain: one row a cohort and person
-- Binds: none
-- Days: both ends of a look-back count; day 0 belongs to the look-back of course, EDSS and relapses, not of treatments
WITH entered AS (
    SELECT n.cohort, n.person_no, n.entry_date, p.person_id, p.birth_date, p.sex, p.country, p.centre_id,
        p.onset_date, p.recorded_death_date
    FROM cohort_entry AS n
    JOIN cohort_rule AS r ON r.cohort = n.cohort AND r.is_counted
    JOIN person_in_study AS p ON p.person_no = n.person_no
),
course_at_entry AS (
    SELECT
        e.cohort,
        e.person_no,
        c.course,
        row_number() OVER (PARTITION BY e.cohort, e.person_no ORDER BY c.start_date DESC, c.course) AS recency
    FROM entered AS e
    JOIN course AS c ON c.person_id = e.person_id AND c.start_date <= e.entry_date
),
edss_at_entry AS (
    SELECT
        e.cohort,
        e.person_no,
        v.edss,
        row_number() OVER (PARTITION BY e.cohort, e.person_no ORDER BY v.visit_date DESC, v.edss DESC) AS recency
    FROM entered AS e
    JOIN visit AS v
        ON v.person_id = e.person_id AND v.edss IS NOT NULL
        AND v.visit_date <= e.entry_date AND v.visit_date >= e.entry_date - 365
),
relapses_before AS (
    SELECT e.cohort, e.person_no, count(DISTINCT r.onset_date) AS relapses
    FROM entered AS e
    JOIN relapse AS r
        ON r.person_id = e.person_id AND r.onset_date <= e.entry_date AND r.onset_date >= e.entry_date - 365
    GROUP BY e.cohort, e.person_no
),
substances_before AS (
    SELECT
        e.cohort,
        e.person_no,
        count(DISTINCT CASE WHEN s.substance IS NULL THEN t.substance END) AS others,
        count(DISTINCT t.substance) AS substances
    FROM entered AS e
    JOIN treatment AS t ON t.person_id = e.person_id AND t.start_date < e.entry_date
    CROSS JOIN drop_rule AS x
    LEFT JOIN exposure_substance AS s ON s.exposure = e.cohort AND s.substance = t.substance
    WHERE
        NOT (x.treatment_before_birth AND coalesce(t.start_date < e.birth_date, false))
        AND NOT (x.treatment_after_death AND coalesce(t.start_date > e.recorded_death_date, false))
    GROUP BY e.cohort, e.person_no
),
mapped AS (
    SELECT
        count(CASE WHEN table_name = 'relapse' THEN 1 END) > 0 AS has_relapse,
        count(CASE WHEN table_name = 'treatment' THEN 1 END) > 0 AS has_treatment
    FROM mapped_table
)
SELECT
    e.cohort,
    e.person_no,
    e.entry_date,
    e.birth_date,
    e.sex,
    e.country,
    e.centre_id,
    e.onset_date AS disease_onset_date,
    c.course,
    v.edss,
    CASE WHEN m.has_relapse THEN coalesce(r.relapses, 0) END AS relapses_12_months,
    CASE WHEN m.has_treatment THEN coalesce(s.others, 0) END AS prior_substances,
    CASE WHEN m.has_treatment THEN coalesce(s.substances, 0) + 1 END AS line_of_treatment
FROM entered AS e
CROSS JOIN mapped AS m
LEFT JOIN course_at_entry AS c ON c.cohort = e.cohort AND c.person_no = e.person_no AND c.recency = 1
LEFT JOIN edss_at_entry AS v ON v.cohort = e.cohort AND v.person_no = e.person_no AND v.recency = 1
LEFT JOIN relapses_before AS r ON r.cohort = e.cohort AND r.person_no = e.person_no
LEFT JOIN substances_before AS s ON s.cohort = e.cohort AND s.person_no = e.person_no
