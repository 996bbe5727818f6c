-- Purpose: Days of each span split at 1 January and at the birthday: inside one calendar year a person has one
--     birthday, so a row carries the days before it and from it on.
-- Reads: time_span, person_in_study
-- Writes: person_year
-- Grain: one row a window or count, person, span and calendar year
-- Binds: none
-- Days: both ends count; the birthday belongs to the older age; 29 February is kept on 28 February in common years
WITH split AS (
    SELECT
        t.window_no,
        t.count_no,
        t.person_no,
        p.birth_date,
        t.span_start,
        t.span_end,
        t.first_event,
        t.is_at_risk,
        CAST(unnest(range(year(t.span_start), year(t.span_end) + 1)) AS INTEGER) AS calendar_year
    FROM time_span AS t
    JOIN person_in_study AS p ON p.person_no = t.person_no
),
placed AS (
    SELECT
        window_no,
        count_no,
        person_no,
        is_at_risk,
        first_event,
        calendar_year,
        calendar_year - year(birth_date) AS age_reached,
        greatest(span_start, make_date(calendar_year, 1, 1)) AS piece_start,
        least(span_end, make_date(calendar_year, 12, 31)) AS piece_end,
        make_date(calendar_year, month(birth_date), least(day(birth_date), 28))
        + CAST(CASE
            WHEN month(birth_date) = 2 AND day(birth_date) = 29 AND month(make_date(calendar_year, 2, 28) + 1) = 3 THEN 0
            ELSE greatest(day(birth_date) - 28, 0)
        END AS INTEGER) AS birthday
    FROM split
),
measured AS (
    SELECT
        window_no, count_no, person_no, is_at_risk, calendar_year, age_reached, piece_start, piece_end,
        coalesce(birthday, piece_end + 1) AS birthday,
        least(piece_end, coalesce(first_event, piece_end)) AS first_event_end
    FROM placed
)
SELECT
    window_no,
    count_no,
    person_no,
    is_at_risk,
    calendar_year,
    age_reached,
    greatest(date_diff('day', piece_start, least(piece_end + 1, birthday)), 0) AS days_before_birthday,
    greatest(date_diff('day', greatest(piece_start, birthday), piece_end + 1), 0) AS days_from_birthday,
    greatest(date_diff('day', piece_start, least(first_event_end + 1, birthday)), 0) AS first_days_before_birthday,
    greatest(date_diff('day', greatest(piece_start, birthday), first_event_end + 1), 0) AS first_days_from_birthday
FROM measured
