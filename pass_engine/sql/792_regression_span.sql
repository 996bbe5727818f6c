-- Purpose: Days at risk of the members up to their first event, span by span, for a regression. Stays in the registry.
-- Reads: regression_member, contrast_rule, count_rule, open_period, touched_person, time_segment
-- Writes: regression_span
-- Grain: one row a comparison, outcome, time at risk, cohort, person and unbroken span of days at risk
-- Binds: none
-- Days: both ends count, and the day of the event is the last one; numbered from the origin, which is day 0; without an
--     origin (no date of birth) there is no number
WITH arm AS (
    SELECT r.analysis, r.outcome, r.time_at_risk, true AS is_target, r.target_count_no AS count_no
    FROM contrast_rule AS r
    UNION ALL
    SELECT r.analysis, r.outcome, r.time_at_risk, false AS is_target, r.comparator_count_no AS count_no
    FROM contrast_rule AS r
),
span AS (
    SELECT k.count_no, p.person_no, p.period_start AS span_start, p.period_end AS span_end, p.origin_date, 0 AS is_event
    FROM count_rule AS k
    JOIN open_period AS p ON p.window_no = k.window_no
    LEFT JOIN touched_person AS t ON t.count_no = k.count_no AND t.person_no = p.person_no
    WHERE t.person_no IS NULL
    UNION ALL
    SELECT
        count_no,
        person_no,
        segment_start AS span_start,
        least(segment_end, coalesce(first_event, segment_end)) AS span_end,
        origin_date,
        CASE WHEN first_event >= segment_start AND first_event <= segment_end THEN 1 ELSE 0 END AS is_event
    FROM time_segment
    WHERE is_at_risk AND segment_start <= coalesce(first_event, segment_start)
)
SELECT
    a.analysis,
    a.outcome,
    a.time_at_risk,
    a.is_target,
    m.person_id,
    m.pattern,
    m.is_counted,
    date_diff('day', CASE WHEN m.has_own_origin THEN m.own_origin ELSE s.origin_date END, s.span_start) AS from_day,
    date_diff('day', CASE WHEN m.has_own_origin THEN m.own_origin ELSE s.origin_date END, s.span_end) AS to_day,
    s.is_event
FROM regression_member AS m
JOIN arm AS a ON a.analysis = m.analysis AND a.is_target = m.is_target
JOIN span AS s ON s.count_no = a.count_no AND s.person_no = m.person_no
