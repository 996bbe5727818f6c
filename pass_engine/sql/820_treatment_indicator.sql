-- Purpose: Indicators of treatments: starts and stops, rows that overlap, treatments that nobody saw end.
-- Reads: mapped_treatment, mapped_administration, treatment, person, person_sight, asked_substance, registry_rule
-- Writes: treatment_indicator
-- Grain: one row an indicator
-- Binds: none
-- Days: rows that follow each other on the day of a stop overlap by that day, which is allowed; of a gap the days
--   between, without the last day before and the first after
WITH started AS (
    SELECT m.substance, m.start_date, m.start_precision, m.stop_date, m.stop_reason
    FROM mapped_treatment AS m
    JOIN person AS p ON p.person_id = m.person_id
),
counted AS (
    SELECT
        count(*) AS row_count,
        count(start_date) AS starts,
        count(CASE WHEN start_precision = 'day' THEN start_date END) AS starts_to_day,
        count(stop_date) AS stops,
        count(CASE WHEN stop_date IS NOT NULL AND stop_reason <> 'unknown' THEN 1 END) AS stops_explained
    FROM started
),
follower AS (
    SELECT
        t.start_date,
        max(coalesce(t.stop_date, r.data_cut_date)) OVER (
            PARTITION BY t.person_id, t.substance ORDER BY t.start_date, t.stop_date
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS covered_until
    FROM treatment AS t
    CROSS JOIN registry_rule AS r
),
overlapping AS (
    SELECT
        count(*) AS row_count,
        count(CASE WHEN start_date < covered_until THEN 1 END) AS overlap_count,
        count(covered_until) AS follow_count,
        count(CASE WHEN date_diff('day', covered_until, start_date) BETWEEN 2 AND 31 THEN 1 END) AS gap_count
    FROM follower
),
open_row AS (
    SELECT
        count(*) AS row_count,
        count(
            CASE WHEN coalesce(date_diff('day', s.last_seen_date, r.data_cut_date) <= 730, false) THEN NULL ELSE 1 END
        ) AS unseen
    FROM treatment AS t
    JOIN person_sight AS s ON s.person_id = t.person_id
    CROSS JOIN registry_rule AS r
    WHERE t.stop_date IS NULL AND s.is_alive
),
studied AS (
    SELECT s.start_precision
    FROM started AS s
    JOIN asked_substance AS a ON a.substance = s.substance
    WHERE s.start_date IS NOT NULL
    UNION ALL
    SELECT m.date_precision AS start_precision
    FROM mapped_administration AS m
    JOIN person AS p ON p.person_id = m.person_id
    JOIN asked_substance AS a ON a.substance = m.substance
    WHERE m.date IS NOT NULL
),
studied_count AS (
    SELECT count(*) AS row_count, count(CASE WHEN start_precision = 'day' THEN 1 END) AS to_day
    FROM studied
)
SELECT 'treatment_start_known' AS indicator, starts AS numerator, row_count AS denominator FROM counted
UNION ALL
SELECT 'treatment_start_to_day' AS indicator, starts_to_day AS numerator, starts AS denominator FROM counted
UNION ALL
SELECT 'stop_reason_known' AS indicator, stops_explained AS numerator, stops AS denominator FROM counted
UNION ALL
SELECT 'treatment_overlaps_itself' AS indicator, overlap_count AS numerator, row_count AS denominator FROM overlapping
UNION ALL
SELECT 'treatment_short_gap' AS indicator, gap_count AS numerator, follow_count AS denominator FROM overlapping
UNION ALL
SELECT 'open_treatment_unseen' AS indicator, unseen AS numerator, row_count AS denominator FROM open_row
UNION ALL
SELECT 'study_start_to_day' AS indicator, to_day AS numerator, row_count AS denominator FROM studied_count
