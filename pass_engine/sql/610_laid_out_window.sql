-- Purpose: Windows of time at risk laid out from their true anchors, before switches and follow-up cut them.
--     Each entry lays out its own, from its landmark on.
-- Reads: entry_era, exposure_era, era_span, exposure_rule, at_risk_rule, person_in_study, study_rule
-- Writes: laid_out_window
-- Grain: one row a cohort, time at risk, person and window
-- Binds: none
-- Days: both ends count; an extension of n days adds n days after the last treated day; a switch counts from switch_from on
WITH anchored AS (
    SELECT
        r.time_at_risk, r.cohort, r.start_anchor, r.end_anchor, r.end_plus_days, r.within_days, r.gap_at_risk,
        r.start_plus_days,
        n.person_no,
        n.entry_date + s.landmark_days AS landmark_date,
        n.era_no AS entry_era_no,
        e.era_no,
        x.era_start AS next_era_start,
        CASE r.start_anchor
            WHEN 'era_end' THEN e.era_end
            WHEN 'fixed_date' THEN r.start_date
            WHEN 'disease_onset' THEN p.onset_date
            ELSE e.era_start
        END AS anchor_date,
        CASE WHEN r.start_anchor = 'era_end' THEN e.era_end + 1 ELSE e.era_start END AS switch_from
    FROM at_risk_rule AS r
    JOIN entry_era AS n ON n.cohort = r.cohort
    CROSS JOIN study_rule AS s
    JOIN exposure_era AS e ON e.person_no = n.person_no AND e.exposure = r.cohort
    JOIN person_in_study AS p ON p.person_no = n.person_no
    LEFT JOIN exposure_era AS x
        ON r.start_anchor = 'era_end' AND x.person_no = e.person_no AND x.exposure = e.exposure
        AND x.era_no = e.era_no + 1
    WHERE
        (r.start_anchor IN ('era_start', 'era_end') AND e.era_start >= n.entry_date
            AND (r.eras = 'all' OR e.era_no = n.era_no))
        OR (r.start_anchor = 'first_era_start' AND e.era_no = 1)
        OR (r.start_anchor IN ('cohort_entry', 'fixed_date', 'disease_onset') AND e.era_no = n.era_no)
),
span AS (
    SELECT person_no, exposure, era_no, span_start, span_end, next_span_start
    FROM era_span
    UNION ALL
    SELECT e.person_no, e.exposure, e.era_no, e.era_start AS span_start, e.era_end AS span_end,
        CAST(NULL AS DATE) AS next_span_start
    FROM exposure_era AS e
    JOIN exposure_rule AS x ON x.exposure = e.exposure AND x.kind IN ('not_yet', 'past')
),
laid_out AS (
    SELECT
        a.time_at_risk, a.cohort, a.person_no, a.era_no, a.start_anchor, a.anchor_date, a.switch_from, a.within_days,
        greatest(s.span_start, a.anchor_date + a.start_plus_days, a.landmark_date) AS window_start,
        CASE
            WHEN a.gap_at_risk AND s.next_span_start IS NOT NULL
                THEN greatest(s.span_end + a.end_plus_days, s.next_span_start - 1)
            ELSE s.span_end + a.end_plus_days
        END AS window_end
    FROM anchored AS a
    JOIN span AS s ON s.person_no = a.person_no AND s.exposure = a.cohort AND s.era_no = a.era_no
    WHERE a.start_anchor = 'era_start' AND a.end_anchor = 'era_end'
    UNION ALL
    SELECT
        a.time_at_risk, a.cohort, a.person_no, a.era_no, a.start_anchor, a.anchor_date, a.switch_from, a.within_days,
        greatest(a.anchor_date + a.start_plus_days, a.landmark_date) AS window_start,
        e.era_end + a.end_plus_days AS window_end
    FROM anchored AS a
    JOIN exposure_era AS e ON e.person_no = a.person_no AND e.exposure = a.cohort AND e.era_no = a.entry_era_no
    WHERE a.start_anchor <> 'era_start' AND a.end_anchor = 'era_end'
    UNION ALL
    SELECT
        time_at_risk, cohort, person_no, era_no, start_anchor, anchor_date, switch_from, within_days,
        greatest(anchor_date + start_plus_days, landmark_date) AS window_start,
        CASE WHEN start_anchor = 'era_end'
            THEN least(DATE '2999-12-31', next_era_start - 1) ELSE DATE '2999-12-31'
        END AS window_end
    FROM anchored
    WHERE end_anchor = 'follow_up_end'
)
SELECT
    time_at_risk, cohort, person_no, era_no, anchor_date, switch_from,
    start_anchor <> 'era_end' AS may_combine,
    window_start,
    least(window_end, anchor_date + within_days) AS window_end
FROM laid_out
WHERE anchor_date IS NOT NULL AND window_start <= least(window_end, anchor_date + within_days)
