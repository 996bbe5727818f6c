-- Purpose: Counted events with the age band, calendar interval and time since start of their onset day.
-- Reads: counted_event, person_in_study, age_band, since_band, calendar_month, shown_interval
-- Writes: event_place
-- Grain: one row a count, person and event
-- Binds: none
-- Days: both ends count; age as on the onset day, the birthday belongs to the older band
WITH aged AS (
    SELECT
        e.window_no,
        e.count_no,
        e.person_no,
        e.level_no,
        e.event_no,
        p.birth_date,
        i.shown_no AS interval_no,
        date_diff('day', e.origin_date, e.onset_date) AS days_since_start,
        year(e.onset_date) - year(p.birth_date) - CASE
            WHEN month(e.onset_date) * 100 + day(e.onset_date) >= month(p.birth_date) * 100 + day(p.birth_date) THEN 0
            WHEN month(p.birth_date) = 2 AND day(p.birth_date) = 29 AND month(e.onset_date) = 2
                AND day(e.onset_date) = 28 AND month(e.onset_date + 1) = 3 THEN 0
            ELSE 1
        END AS age
    FROM counted_event AS e
    JOIN person_in_study AS p ON p.person_no = e.person_no
    JOIN calendar_month AS m ON m.month_no = year(e.onset_date) * 12 + month(e.onset_date) - 1
    JOIN shown_interval AS i ON i.window_no = e.window_no AND i.interval_no = m.interval_no
)
SELECT
    a.window_no,
    a.count_no,
    a.person_no,
    a.level_no,
    a.event_no,
    a.interval_no,
    d.since_no,
    CASE WHEN a.birth_date IS NULL THEN -1 ELSE coalesce(b.band_no, 0) END AS band_no
FROM aged AS a
LEFT JOIN age_band AS b ON b.age = a.age
LEFT JOIN since_band AS d ON a.days_since_start >= d.from_day AND a.days_since_start < d.to_day
