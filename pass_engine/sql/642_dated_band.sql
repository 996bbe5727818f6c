-- Purpose: Bands that a person passes through with the days and doses of the cohort's exposure, each from the day on which
--     it is reached.
-- Reads: cohort_entry, exposure_rule, exposure_span, exposure_substance, administration, person_in_study, dated_rule,
--     mapped_table, drop_rule
-- Writes: dated_band
-- Grain: one row a kind of band, cohort, person and band; the bands of a person share no day and leave none out
-- Binds: none
-- Days: both ends of a band count; days exposed are those before the day itself, not counted itself; a dose counts from its
--     own day on; a state or category goes by the days and doses of the exposure it is of
WITH member AS (
    SELECT d.kind, n.cohort, n.person_no, p.person_id, p.recorded_death_date, coalesce(x.state_of, x.exposure) AS exposure
    FROM cohort_entry AS n
    JOIN exposure_rule AS x ON x.exposure = n.cohort
    JOIN person_in_study AS p ON p.person_no = n.person_no
    JOIN dated_rule AS d ON d.from_value <= 0 AND d.to_value > 0
),
spanned AS (
    SELECT
        m.cohort, m.person_no, s.span_start, s.span_end,
        max(s.span_end) OVER (
            PARTITION BY m.cohort, m.person_no ORDER BY s.span_start, s.span_end
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS covered_until
    FROM member AS m
    JOIN exposure_span AS s ON s.person_no = m.person_no AND s.exposure = m.exposure
    WHERE m.kind = 'exposure_duration'
),
fresh AS (
    SELECT cohort, person_no, greatest(span_start, covered_until + 1) AS fresh_start, span_end
    FROM spanned
    WHERE covered_until IS NULL OR span_end > covered_until
),
tallied AS (
    SELECT
        cohort, person_no, fresh_start,
        date_diff('day', fresh_start, span_end) + 1 AS exposed_days,
        sum(date_diff('day', fresh_start, span_end) + 1) OVER (
            PARTITION BY cohort, person_no ORDER BY fresh_start
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS days_after
    FROM fresh
),
dose AS (
    SELECT DISTINCT m.cohort, m.person_no, a.date, a.substance
    FROM member AS m
    JOIN exposure_substance AS s ON s.exposure = m.exposure
    JOIN administration AS a ON a.person_id = m.person_id AND a.substance = s.substance
    CROSS JOIN drop_rule AS x
    WHERE m.kind = 'cumulative_doses' AND NOT (x.dose_after_death AND coalesce(a.date > m.recorded_death_date, false))
),
given AS (
    SELECT
        cohort, person_no, date,
        row_number() OVER (PARTITION BY cohort, person_no ORDER BY date, substance) AS dose_no
    FROM dose
),
reached AS (
    SELECT
        m.kind, m.cohort, m.person_no,
        CASE WHEN m.kind = 'cumulative_doses' AND t.table_name IS NULL THEN -1 ELSE d.band_no END AS band_no,
        d.from_value,
        DATE '1000-01-01' AS from_date
    FROM member AS m
    JOIN dated_rule AS d ON d.kind = m.kind AND d.from_value <= 0 AND d.to_value > 0
    LEFT JOIN mapped_table AS t ON t.table_name = 'administration'
    UNION ALL
    SELECT d.kind, t.cohort, t.person_no, d.band_no, d.from_value,
        t.fresh_start + CAST(d.from_value - (t.days_after - t.exposed_days) AS INTEGER) AS from_date
    FROM tallied AS t
    JOIN dated_rule AS d
        ON d.kind = 'exposure_duration'
        AND d.from_value > 0 AND d.from_value > t.days_after - t.exposed_days AND d.from_value <= t.days_after
    UNION ALL
    SELECT d.kind, g.cohort, g.person_no, d.band_no, d.from_value, g.date AS from_date
    FROM given AS g
    JOIN dated_rule AS d ON d.kind = 'cumulative_doses' AND d.from_value > 0 AND d.from_value = g.dose_no
),
ended AS (
    SELECT
        kind, cohort, person_no, band_no, from_date,
        coalesce(
            lead(from_date) OVER (PARTITION BY kind, cohort, person_no ORDER BY from_value) - 1, DATE '2999-12-31'
        ) AS to_date
    FROM reached
)
SELECT kind, cohort, person_no, band_no, from_date, to_date
FROM ended
WHERE from_date <= to_date
