-- Purpose: Counted events with the age and calendar year of their onset day.
-- Reads: counted_event, person_in_study
-- Writes: event_year
-- Grain: one row a count, person and event
-- Binds: none
-- Days: none counted; age as on the onset day, the birthday belongs to the older age
SELECT
    e.window_no,
    e.count_no,
    e.person_no,
    CAST(year(e.onset_date) AS INTEGER) AS calendar_year,
    year(e.onset_date) - year(p.birth_date) - CASE
        WHEN month(e.onset_date) * 100 + day(e.onset_date) >= month(p.birth_date) * 100 + day(p.birth_date) THEN 0
        WHEN month(p.birth_date) = 2 AND day(p.birth_date) = 29 AND month(e.onset_date) = 2 AND day(e.onset_date) = 28
            AND month(e.onset_date + 1) = 3 THEN 0
        ELSE 1
    END AS age,
    e.event_no
FROM counted_event AS e
JOIN person_in_study AS p ON p.person_no = e.person_no
