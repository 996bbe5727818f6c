-- Purpose: What a touched person contributes to a count: days of the windows, of them those at risk, and events, by cells.
-- Reads: since_piece, way, calendar_piece, shown_interval, event_place, touched_person
-- Writes: touched_total
-- Grain: one row a count, cell and person
-- Binds: none
-- Days: both ends count; window_days are all days of the windows, person_days those at risk, first_event_days those at
--     risk up to and including the first counted event
WITH laid_out AS (
    SELECT
        window_no, count_no, person_no, level_no, is_at_risk, first_event, way_cell_no, piece_start, piece_end,
        CAST(unnest(range(first_interval, last_interval + 1)) AS INTEGER) AS interval_no
    FROM calendar_piece
    WHERE count_no > 0
),
piece AS (
    SELECT
        s.count_no,
        ((CAST(w.way_no AS BIGINT) * 1000 + s.band_no + 1) * 1000 + s.since_no) * 10000 AS cell_no,
        s.person_no, s.level_no, s.is_at_risk, s.first_event, s.piece_start, s.piece_end
    FROM since_piece AS s
    JOIN way AS w ON w.window_no = s.window_no AND w.by_age = s.by_age AND w.by_since = s.by_since
    WHERE s.count_no > 0 AND NOT w.by_calendar
    UNION ALL
    SELECT
        c.count_no, c.way_cell_no + i.shown_no AS cell_no, c.person_no, c.level_no, c.is_at_risk, c.first_event,
        greatest(c.piece_start, i.interval_start) AS piece_start,
        least(c.piece_end, i.interval_end) AS piece_end
    FROM laid_out AS c
    JOIN shown_interval AS i ON i.window_no = c.window_no AND i.interval_no = c.interval_no
),
placed AS (
    SELECT
        count_no, cell_no, person_no, level_no,
        date_diff('day', piece_start, piece_end) + 1 AS window_days,
        CASE WHEN is_at_risk THEN date_diff('day', piece_start, piece_end) + 1 ELSE 0 END AS person_days,
        CASE WHEN is_at_risk
            THEN greatest(date_diff('day', piece_start, least(piece_end, first_event)) + 1, 0) ELSE 0
        END AS first_event_days,
        0 AS first_events, 0 AS events
    FROM piece
    UNION ALL
    SELECT
        e.count_no,
        ((CAST(w.way_no AS BIGINT) * 1000 + CASE WHEN w.by_age THEN e.band_no + 1 ELSE 0 END) * 1000
            + CASE WHEN w.by_since THEN e.since_no ELSE 0 END) * 10000
        + CASE WHEN w.by_calendar THEN e.interval_no ELSE 0 END AS cell_no,
        e.person_no, e.level_no, 0 AS window_days, 0 AS person_days, 0 AS first_event_days,
        CASE WHEN e.event_no = 1 THEN 1 ELSE 0 END AS first_events,
        1 AS events
    FROM event_place AS e
    JOIN way AS w ON w.window_no = e.window_no
)
SELECT
    p.count_no, p.cell_no, p.person_no, p.level_no, t.is_left_out,
    CAST(sum(p.window_days) AS BIGINT) AS window_days,
    CAST(sum(p.person_days) AS BIGINT) AS person_days,
    CAST(sum(p.first_event_days) AS BIGINT) AS first_event_days,
    CAST(sum(p.first_events) AS BIGINT) AS first_events,
    CAST(sum(p.events) AS BIGINT) AS events
FROM placed AS p
JOIN touched_person AS t ON t.count_no = p.count_no AND t.person_no = p.person_no
GROUP BY p.count_no, p.cell_no, p.person_no, p.level_no, t.is_left_out
