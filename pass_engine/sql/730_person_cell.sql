-- Purpose: One person's days and events by age band and calendar year. Band 0 is below the first band, -1 age unknown.
-- Reads: person_year, event_year, age_band
-- Writes: person_cell
-- Grain: one row a window (count 0) or count, person, age band and calendar year
-- Binds: none
-- Days: both ends count; window_days are all days of the windows, person_days those at risk, first_event_days those at
--     risk up to and including the first counted event
WITH piece AS (
    SELECT
        window_no, count_no, person_no, calendar_year, age_reached - 1 AS age,
        days_before_birthday AS window_days,
        CASE WHEN is_at_risk THEN days_before_birthday ELSE 0 END AS person_days,
        CASE WHEN is_at_risk THEN first_days_before_birthday ELSE 0 END AS first_event_days,
        0 AS first_events,
        0 AS events
    FROM person_year
    WHERE days_before_birthday > 0
    UNION ALL
    SELECT
        window_no, count_no, person_no, calendar_year, age_reached AS age,
        days_from_birthday AS window_days,
        CASE WHEN is_at_risk THEN days_from_birthday ELSE 0 END AS person_days,
        CASE WHEN is_at_risk THEN first_days_from_birthday ELSE 0 END AS first_event_days,
        0 AS first_events,
        0 AS events
    FROM person_year
    WHERE days_from_birthday > 0
    UNION ALL
    SELECT
        window_no, count_no, person_no, calendar_year, age,
        0 AS window_days,
        0 AS person_days,
        0 AS first_event_days,
        CASE WHEN event_no = 1 THEN 1 ELSE 0 END AS first_events,
        1 AS events
    FROM event_year
)
SELECT
    p.window_no,
    p.count_no,
    p.person_no,
    CASE WHEN p.age IS NULL THEN -1 ELSE coalesce(b.band_no, 0) END AS band_no,
    p.calendar_year,
    CAST(sum(p.window_days) AS BIGINT) AS window_days,
    CAST(sum(p.person_days) AS BIGINT) AS person_days,
    CAST(sum(p.first_event_days) AS BIGINT) AS first_event_days,
    CAST(sum(p.first_events) AS BIGINT) AS first_events,
    CAST(sum(p.events) AS BIGINT) AS events
FROM piece AS p
LEFT JOIN age_band AS b ON b.age = p.age
GROUP BY p.window_no, p.count_no, p.person_no, CASE WHEN p.age IS NULL THEN -1 ELSE coalesce(b.band_no, 0) END, p.calendar_year
