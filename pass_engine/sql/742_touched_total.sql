-- Purpose: What a touched person contributes to a count: days at risk and not, and events, by the same cells as 740.
-- Reads: band_piece, event_place, analysis_rule, margin_rule
-- Writes: touched_total
-- Grain: one row a count, way of splitting, cell and person
-- Binds: none
-- Days: both ends count; window_days are all days of the windows, person_days those at risk, first_event_days those at
--     risk up to and including the first counted event
WITH way AS (
    SELECT DISTINCT a.count_no, m.by_age, m.by_calendar, m.by_since
    FROM analysis_rule AS a
    JOIN margin_rule AS m
        ON m.analysis = a.analysis AND m.by_exposure_duration = a.by_exposure_duration
        AND m.by_cumulative_doses = a.by_cumulative_doses
),
placed AS (
    SELECT
        count_no, by_age, by_calendar, by_since, band_no, since_no, interval_no, level_no, person_no,
        date_diff('day', piece_start, piece_end) + 1 AS window_days,
        CASE WHEN is_at_risk THEN date_diff('day', piece_start, piece_end) + 1 ELSE 0 END AS person_days,
        CASE WHEN is_at_risk
            THEN greatest(date_diff('day', piece_start, least(piece_end, first_event)) + 1, 0) ELSE 0
        END AS first_event_days,
        0 AS first_events,
        0 AS events
    FROM band_piece
    WHERE count_no > 0
    UNION ALL
    SELECT
        e.count_no, w.by_age, w.by_calendar, w.by_since,
        CASE WHEN w.by_age THEN e.band_no END AS band_no,
        CASE WHEN w.by_since THEN e.since_no END AS since_no,
        CASE WHEN w.by_calendar THEN e.interval_no END AS interval_no,
        e.level_no, e.person_no,
        0 AS window_days, 0 AS person_days, 0 AS first_event_days,
        CASE WHEN e.event_no = 1 THEN 1 ELSE 0 END AS first_events,
        1 AS events
    FROM event_place AS e
    JOIN way AS w ON w.count_no = e.count_no
)
SELECT
    count_no, by_age, by_calendar, by_since, band_no, since_no, interval_no, level_no, person_no,
    CAST(sum(window_days) AS BIGINT) AS window_days,
    CAST(sum(person_days) AS BIGINT) AS person_days,
    CAST(sum(first_event_days) AS BIGINT) AS first_event_days,
    CAST(sum(first_events) AS BIGINT) AS first_events,
    CAST(sum(events) AS BIGINT) AS events
FROM placed
GROUP BY count_no, by_age, by_calendar, by_since, band_no, since_no, interval_no, level_no, person_no
