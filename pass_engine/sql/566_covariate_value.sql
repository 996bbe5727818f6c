-- Purpose: The value of each covariate at entry, as it is known: a number, or a text.
-- Reads: covariate_asked, covariate_rule, person_in_study, mapped_table, covariate_last, covariate_count
-- Writes: covariate_value
-- Grain: one row a cohort, person and covariate
-- Binds: none
-- Days: age and disease duration in completed years: 29 February is kept on 28 February in common years; the day of onset
--     begins the first year
WITH dated AS (
    SELECT
        a.cohort,
        a.person_no,
        a.covariate,
        a.kind,
        a.entry_date,
        p.sex,
        CASE WHEN a.kind = 'age' AND p.birth_date <= a.entry_date THEN p.birth_date
            WHEN a.kind = 'disease_duration' AND p.onset_date <= a.entry_date THEN p.onset_date
        END AS since_date
    FROM covariate_asked AS a
    JOIN person_in_study AS p ON p.person_no = a.person_no
),
told AS (
    SELECT
        cohort,
        person_no,
        covariate,
        CASE WHEN kind = 'sex' THEN sex END AS text_value,
        CASE WHEN kind = 'calendar_year' THEN year(entry_date)
            WHEN since_date IS NOT NULL THEN
                year(entry_date) - year(since_date) - CASE
                    WHEN month(entry_date) * 100 + day(entry_date) >= month(since_date) * 100 + day(since_date) THEN 0
                    WHEN month(since_date) = 2 AND day(since_date) = 29 AND month(entry_date) = 2
                        AND day(entry_date) = 28 AND month(entry_date + 1) = 3 THEN 0
                    ELSE 1
                END
        END AS whole_value
    FROM dated
),
mapped AS (
    SELECT r.covariate, max(CASE WHEN m.table_name = r.needs_table THEN 1 ELSE 0 END) = 1 AS is_mapped
    FROM covariate_rule AS r
    CROSS JOIN mapped_table AS m
    WHERE r.needs_table IS NOT NULL
    GROUP BY r.covariate
)
SELECT
    t.cohort,
    t.person_no,
    t.covariate,
    coalesce(v.text_value, t.text_value) AS text_value,
    CASE WHEN m.is_mapped THEN CAST(coalesce(n.times, 0) AS DOUBLE)
        ELSE coalesce(v.number_value, CAST(t.whole_value AS DOUBLE))
    END AS number_value
FROM told AS t
LEFT JOIN mapped AS m ON m.covariate = t.covariate
LEFT JOIN covariate_last AS v ON v.cohort = t.cohort AND v.person_no = t.person_no AND v.covariate = t.covariate
LEFT JOIN covariate_count AS n ON n.cohort = t.cohort AND n.person_no = t.person_no AND n.covariate = t.covariate
