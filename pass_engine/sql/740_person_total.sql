-- Purpose: One person's days and events in each cell of the time-varying strata a margin splits by: persons are counted
--     afresh at every margin, since one person has days in several cells.
-- Reads: band_piece, event_place, count_rule, analysis_rule, margin_rule, window_rule, entry_level
-- Writes: person_total
-- Grain: one row a window (count 0) or count, way of splitting, cell and person
-- Binds: none
-- Days: both ends count; window_days are all days of the windows, person_days those at risk, first_event_days those at
--     risk up to and including the first counted event
WITH way AS (
    SELECT DISTINCT c.window_no, m.by_age, m.by_calendar, m.by_since
    FROM count_rule AS c
    JOIN analysis_rule AS a ON a.count_no = c.count_no
    JOIN margin_rule AS m ON m.analysis = a.analysis
),
placed AS (
    SELECT
        window_no, count_no, by_age, by_calendar, by_since, band_no, since_no, person_no,
        CASE WHEN by_calendar THEN interval_no END AS interval_no,
        date_diff('day', piece_start, piece_end) + 1 AS window_days,
        CASE WHEN is_at_risk THEN date_diff('day', piece_start, piece_end) + 1 ELSE 0 END AS person_days,
        CASE WHEN is_at_risk
            THEN greatest(date_diff('day', piece_start, least(piece_end, first_event)) + 1, 0) ELSE 0
        END AS first_event_days,
        0 AS first_events,
        0 AS events
    FROM band_piece
    UNION ALL
    SELECT
        e.window_no, e.count_no, w.by_age, w.by_calendar, w.by_since,
        CASE WHEN w.by_age THEN e.band_no END AS band_no,
        CASE WHEN w.by_since THEN e.since_no END AS since_no,
        e.person_no,
        CASE WHEN w.by_calendar THEN e.interval_no END AS interval_no,
        0 AS window_days, 0 AS person_days, 0 AS first_event_days,
        CASE WHEN e.event_no = 1 THEN 1 ELSE 0 END AS first_events,
        1 AS events
    FROM event_place AS e
    JOIN way AS w ON w.window_no = e.window_no
),
summed AS (
    SELECT
        window_no, count_no, by_age, by_calendar, by_since, band_no, since_no, interval_no, person_no,
        CAST(sum(window_days) AS BIGINT) AS window_days,
        CAST(sum(person_days) AS BIGINT) AS person_days,
        CAST(sum(first_event_days) AS BIGINT) AS first_event_days,
        CAST(sum(first_events) AS BIGINT) AS first_events,
        CAST(sum(events) AS BIGINT) AS events
    FROM placed
    GROUP BY window_no, count_no, by_age, by_calendar, by_since, band_no, since_no, interval_no, person_no
)
SELECT
    s.window_no, s.count_no, s.by_age, s.by_calendar, s.by_since, s.band_no, s.since_no, s.interval_no, s.person_no,
    l.level_no,
    s.window_days, s.person_days, s.first_event_days, s.first_events, s.events
FROM summed AS s
JOIN window_rule AS w ON w.window_no = s.window_no
JOIN entry_level AS l ON l.cohort = w.cohort AND l.person_no = s.person_no
