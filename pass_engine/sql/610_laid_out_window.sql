-- Purpose: Windows of time at risk laid out from their true anchors, before switches and follow-up cut them.
-- Reads: cohort_entry, exposure_era, era_span, exposure_rule, at_risk_rule
-- Writes: laid_out_window
-- Grain: one row a cohort, time at risk, person and window
-- Binds: none
-- Days: both ends count; an extension of n days adds n days after the last treated day
WITH anchored AS (
    SELECT
        r.time_at_risk,
        r.cohort,
        n.person_no,
        n.era_no AS entry_era_no,
        e.era_no,
        e.era_start AS anchor_date,
        e.era_start + r.start_plus_days AS first_day,
        r.start_anchor,
        r.end_anchor,
        r.end_plus_days,
        r.gap_at_risk
    FROM at_risk_rule AS r
    JOIN cohort_entry AS n ON n.cohort = r.cohort
    JOIN exposure_era AS e ON e.person_no = n.person_no AND e.exposure = r.cohort
    WHERE
        (r.start_anchor = 'era_start' AND e.era_start >= n.entry_date AND (r.eras = 'all' OR e.era_no = n.era_no))
        OR (r.start_anchor = 'first_era_start' AND e.era_no = 1)
        OR (r.start_anchor = 'cohort_entry' AND e.era_no = n.era_no)
),
span AS (
    SELECT person_no, exposure, era_no, span_start, span_end, next_span_start
    FROM era_span
    UNION ALL
    SELECT e.person_no, e.exposure, e.era_no, e.era_start AS span_start, e.era_end AS span_end,
        CAST(NULL AS DATE) AS next_span_start
    FROM exposure_era AS e
    JOIN exposure_rule AS x ON x.exposure = e.exposure AND x.kind = 'not_yet'
),
window_of_era AS (
    SELECT
        a.time_at_risk, a.cohort, a.person_no, a.era_no, a.anchor_date,
        greatest(s.span_start, a.first_day) AS window_start,
        CASE
            WHEN a.gap_at_risk AND s.next_span_start IS NOT NULL
                THEN greatest(s.span_end + a.end_plus_days, s.next_span_start - 1)
            ELSE s.span_end + a.end_plus_days
        END AS window_end
    FROM anchored AS a
    JOIN span AS s ON s.person_no = a.person_no AND s.exposure = a.cohort AND s.era_no = a.era_no
    WHERE a.start_anchor = 'era_start' AND a.end_anchor = 'era_end'
),
window_to_entry_era_end AS (
    SELECT
        a.time_at_risk, a.cohort, a.person_no, a.era_no, a.anchor_date,
        a.first_day AS window_start,
        e.era_end + a.end_plus_days AS window_end
    FROM anchored AS a
    JOIN exposure_era AS e ON e.person_no = a.person_no AND e.exposure = a.cohort AND e.era_no = a.entry_era_no
    WHERE a.start_anchor <> 'era_start' AND a.end_anchor = 'era_end'
),
window_to_follow_up_end AS (
    SELECT
        time_at_risk, cohort, person_no, era_no, anchor_date,
        first_day AS window_start,
        DATE '2999-12-31' AS window_end
    FROM anchored
    WHERE end_anchor = 'follow_up_end'
)
SELECT time_at_risk, cohort, person_no, era_no, anchor_date, window_start, window_end
FROM window_of_era
WHERE window_start <= window_end
UNION ALL
SELECT time_at_risk, cohort, person_no, era_no, anchor_date, window_start, window_end
FROM window_to_entry_era_end
WHERE window_start <= window_end
UNION ALL
SELECT time_at_risk, cohort, person_no, era_no, anchor_date, window_start, window_end
FROM window_to_follow_up_end
