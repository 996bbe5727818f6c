-- Purpose: Everything that is to be split: each window once for all outcomes (count 0), and the segments of touched persons.
-- Reads: open_period, time_segment
-- Writes: time_span
-- Grain: one row a window or count, person and span
-- Binds: none
-- Days: both ends count
SELECT
    window_no,
    0 AS count_no,
    person_no,
    period_start AS span_start,
    period_end AS span_end,
    has_earlier,
    has_later,
    CAST(NULL AS DATE) AS first_event,
    origin_date,
    level_no,
    true AS is_at_risk
FROM open_period
UNION ALL
SELECT
    window_no,
    count_no,
    person_no,
    segment_start AS span_start,
    segment_end AS span_end,
    true AS has_earlier,
    true AS has_later,
    first_event,
    origin_date,
    level_no,
    is_at_risk
FROM time_segment
