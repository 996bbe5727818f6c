-- Purpose: Persons and days in each cell of each window, whatever the outcome. Persons are counted afresh at every margin,
--     since one person has days in several cells. Only where another piece of the person may lie in the same cell are
--     days summed by person first. An interval that a piece covers wholly holds no other piece of its person: such intervals
--     are counted by the first and last of them, and laid out afterwards.
-- Reads: since_piece, way, calendar_piece, shown_interval
-- Writes: window_cell
-- Grain: one row a cell and level at entry
-- Binds: none
-- Days: both ends count; sum_w2 is the sum over persons of their squared days
WITH part AS (
    SELECT
        ((CAST(w.way_no AS BIGINT) * 1000 + s.band_no + 1) * 1000 + s.since_no) * 10000 AS cell_no,
        s.level_no,
        CASE WHEN s.shares_start OR s.shares_end THEN s.person_no ELSE 0 END AS sharing_no,
        date_diff('day', s.piece_start, s.piece_end) + 1 AS days
    FROM since_piece AS s
    JOIN way AS w ON w.window_no = s.window_no AND w.by_age = s.by_age AND w.by_since = s.by_since
    WHERE s.count_no = 0 AND NOT w.by_calendar
    UNION ALL
    SELECT
        p.way_cell_no + i.shown_no AS cell_no,
        p.level_no,
        CASE
            WHEN p.shares_start OR i.shown_no = 0 OR (p.shares_end AND p.first_interval = p.last_interval)
                THEN p.person_no ELSE 0
        END AS sharing_no,
        date_diff('day', p.piece_start, least(p.piece_end, i.interval_end)) + 1 AS days
    FROM calendar_piece AS p
    JOIN shown_interval AS i ON i.window_no = p.window_no AND i.interval_no = p.first_interval
    WHERE p.count_no = 0
    UNION ALL
    SELECT
        p.way_cell_no + i.shown_no AS cell_no,
        p.level_no,
        CASE WHEN p.shares_end OR i.shown_no = 0 THEN p.person_no ELSE 0 END AS sharing_no,
        date_diff('day', i.interval_start, p.piece_end) + 1 AS days
    FROM calendar_piece AS p
    JOIN shown_interval AS i ON i.window_no = p.window_no AND i.interval_no = p.last_interval
    WHERE p.count_no = 0 AND p.first_interval < p.last_interval
    UNION ALL
    SELECT
        p.way_cell_no AS cell_no,
        p.level_no,
        p.person_no AS sharing_no,
        date_diff('day', i.interval_start, i.interval_end) + 1 AS days
    FROM calendar_piece AS p
    JOIN shown_interval AS i
        ON i.window_no = p.window_no AND i.shown_no = 0
        AND i.interval_no > p.first_interval AND i.interval_no < p.last_interval
    WHERE p.count_no = 0
),
apart AS (
    SELECT cell_no, level_no, sharing_no, count(*) AS parts, sum(days) AS days, sum(days * days) AS sum_squares
    FROM part
    GROUP BY cell_no, level_no, sharing_no
),
covered AS (
    SELECT window_no, way_cell_no, level_no, first_interval, last_interval, count(*) AS persons
    FROM calendar_piece
    WHERE count_no = 0 AND last_interval > first_interval + 1
    GROUP BY window_no, way_cell_no, level_no, first_interval, last_interval
),
counted AS (
    SELECT
        cell_no,
        level_no,
        CASE WHEN sharing_no = 0 THEN parts ELSE 1 END AS persons,
        days AS window_days,
        CASE WHEN sharing_no = 0 THEN sum_squares ELSE days * days END AS sum_w2
    FROM apart
    UNION ALL
    SELECT
        c.way_cell_no + i.shown_no AS cell_no,
        c.level_no,
        c.persons,
        c.persons * (date_diff('day', i.interval_start, i.interval_end) + 1) AS window_days,
        c.persons * (date_diff('day', i.interval_start, i.interval_end) + 1)
        * (date_diff('day', i.interval_start, i.interval_end) + 1) AS sum_w2
    FROM covered AS c
    JOIN shown_interval AS i
        ON i.window_no = c.window_no AND i.shown_no > 0
        AND i.interval_no > c.first_interval AND i.interval_no < c.last_interval
)
SELECT
    cell_no,
    level_no,
    CAST(sum(persons) AS BIGINT) AS persons,
    CAST(sum(window_days) AS BIGINT) AS window_days,
    CAST(sum(sum_w2) AS BIGINT) AS sum_w2
FROM counted
GROUP BY cell_no, level_no
