-- Purpose: Persons, events and days by the finest cells that margins need, for each count: all persons' windows, less those
--     of touched persons, plus what touched persons really contribute.
-- Reads: window_total, touched_total, touched_person, count_rule
-- Writes: cell_part
-- Grain: one row a count, way of splitting, cell and part of the sum
-- Binds: none
-- Days: both ends count; window_days, person_days and first_event_days as in 742
WITH everyone AS (
    SELECT
        window_no, by_age, by_calendar, by_since, band_no, since_no, interval_no, level_no,
        count(*) AS persons,
        sum(window_days) AS window_days,
        sum(window_days * window_days) AS sum_w2
    FROM window_total
    GROUP BY window_no, by_age, by_calendar, by_since, band_no, since_no, interval_no, level_no
),
touched AS (
    SELECT
        t.count_no, w.by_age, w.by_calendar, w.by_since, w.band_no, w.since_no, w.interval_no, w.level_no,
        count(*) AS persons,
        sum(w.window_days) AS window_days,
        sum(w.window_days * w.window_days) AS sum_w2
    FROM touched_person AS t
    JOIN window_total AS w ON w.window_no = t.window_no AND w.person_no = t.person_no
    GROUP BY t.count_no, w.by_age, w.by_calendar, w.by_since, w.band_no, w.since_no, w.interval_no, w.level_no
)
SELECT
    c.count_no, e.by_age, e.by_calendar, e.by_since, e.band_no, e.since_no, e.interval_no, e.level_no,
    e.persons, 0 AS persons_with_event, 0 AS first_events, 0 AS events, e.window_days, e.window_days AS person_days,
    e.window_days AS first_event_days, 0 AS sum_e2, 0 AS sum_et, e.sum_w2 AS sum_t2, 0 AS sum_fw, e.sum_w2
FROM everyone AS e
JOIN count_rule AS c ON c.window_no = e.window_no
UNION ALL
SELECT
    count_no, by_age, by_calendar, by_since, band_no, since_no, interval_no, level_no,
    -persons AS persons, 0 AS persons_with_event, 0 AS first_events, 0 AS events, -window_days AS window_days,
    -window_days AS person_days, -window_days AS first_event_days, 0 AS sum_e2, 0 AS sum_et, -sum_w2 AS sum_t2,
    0 AS sum_fw, -sum_w2 AS sum_w2
FROM touched
UNION ALL
SELECT
    count_no, by_age, by_calendar, by_since, band_no, since_no, interval_no, level_no,
    count(CASE WHEN person_days > 0 THEN 1 END) AS persons,
    count(CASE WHEN events > 0 THEN 1 END) AS persons_with_event,
    sum(first_events) AS first_events,
    sum(events) AS events,
    sum(window_days) AS window_days,
    sum(person_days) AS person_days,
    sum(first_event_days) AS first_event_days,
    sum(events * events) AS sum_e2,
    sum(events * person_days) AS sum_et,
    sum(person_days * person_days) AS sum_t2,
    sum(first_events * window_days) AS sum_fw,
    sum(window_days * window_days) AS sum_w2
FROM touched_total
GROUP BY count_no, by_age, by_calendar, by_since, band_no, since_no, interval_no, level_no
