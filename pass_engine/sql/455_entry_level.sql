-- Purpose: Values at entry that a margin splits by, as printed; values that no margin names are left empty. Persons of a
--     cohort with the same values share a number.
-- Reads: person_at_entry, margin_rule
-- Writes: entry_level
-- Grain: one row a cohort and person
-- Binds: none
-- Days: none counted
WITH used AS (
    SELECT
        max(CASE WHEN by_sex THEN 1 ELSE 0 END) = 1 AS by_sex,
        max(CASE WHEN by_country THEN 1 ELSE 0 END) = 1 AS by_country,
        max(CASE WHEN by_centre THEN 1 ELSE 0 END) = 1 AS by_centre,
        max(CASE WHEN by_course THEN 1 ELSE 0 END) = 1 AS by_course,
        max(CASE WHEN by_edss THEN 1 ELSE 0 END) = 1 AS by_edss,
        max(CASE WHEN by_relapses_12_months THEN 1 ELSE 0 END) = 1 AS by_relapses_12_months,
        max(CASE WHEN by_prior_substances THEN 1 ELSE 0 END) = 1 AS by_prior_substances,
        max(CASE WHEN by_entry_year THEN 1 ELSE 0 END) = 1 AS by_entry_year,
        max(CASE WHEN by_line_of_treatment THEN 1 ELSE 0 END) = 1 AS by_line_of_treatment
    FROM margin_rule
),
leveled AS (
    SELECT
        a.cohort,
        a.person_no,
        a.entry_date,
        CASE WHEN u.by_sex THEN a.sex END AS sex,
        CASE WHEN u.by_country THEN coalesce(a.country, 'unknown') END AS country,
        CASE WHEN u.by_centre THEN coalesce(a.centre_id, 'unknown') END AS centre,
        CASE WHEN u.by_course THEN coalesce(a.course, 'unknown') END AS course,
        CASE WHEN u.by_edss THEN
            CASE
                WHEN a.edss IS NULL THEN 'unknown' WHEN a.edss < 2 THEN '0-1.5' WHEN a.edss < 4 THEN '2-3.5'
                WHEN a.edss < 6 THEN '4-5.5' ELSE '6-10'
            END
        END AS edss,
        CASE WHEN u.by_relapses_12_months THEN
            CASE
                WHEN a.relapses_12_months IS NULL THEN 'unknown' WHEN a.relapses_12_months >= 3 THEN '3+'
                ELSE CAST(a.relapses_12_months AS VARCHAR)
            END
        END AS relapses_12_months,
        CASE WHEN u.by_prior_substances THEN
            CASE
                WHEN a.prior_substances IS NULL THEN 'unknown' WHEN a.prior_substances >= 3 THEN '3+'
                ELSE CAST(a.prior_substances AS VARCHAR)
            END
        END AS prior_substances,
        CASE WHEN u.by_entry_year THEN CAST(year(a.entry_date) AS VARCHAR) END AS entry_year,
        CASE WHEN u.by_line_of_treatment THEN
            CASE
                WHEN a.line_of_treatment IS NULL THEN 'unknown' WHEN a.line_of_treatment >= 4 THEN '4+'
                ELSE CAST(a.line_of_treatment AS VARCHAR)
            END
        END AS line_of_treatment
    FROM person_at_entry AS a
    CROSS JOIN used AS u
)
SELECT
    cohort, person_no, entry_date, sex, country, centre, course, edss, relapses_12_months, prior_substances, entry_year,
    line_of_treatment,
    CAST(dense_rank() OVER (
        ORDER BY sex, country, centre, course, edss, relapses_12_months, prior_substances, entry_year,
            line_of_treatment
    ) AS INTEGER) AS level_no
FROM leveled
