-- Purpose: Disease courses with the day each began; without a day or a course a row is set aside.
-- Reads: mapped_course, person, date_fill
-- Writes: course
-- Grain: one row a person, day, days on which it may have been, and course
-- Binds: none
-- Days: a filled date lies in its month or year, not before birth, nor after death or last contact
SELECT DISTINCT
    p.person_id,
    CASE WHEN m.start_date IS NOT NULL THEN
        least(
            greatest(
                least(greatest(coalesce(s.filled_day, m.start_date), p.birth_date), p.death_date, p.last_contact_date),
                m.start_date),
            coalesce(s.last_day, m.start_date))
    END AS start_date,
    CASE WHEN m.start_date IS NOT NULL THEN
        least(greatest(m.start_date, p.birth_date), coalesce(s.last_day, m.start_date))
    END AS possible_from,
    CASE WHEN m.start_date IS NOT NULL THEN
        greatest(least(coalesce(s.last_day, m.start_date), p.death_date, p.last_contact_date), m.start_date)
    END AS possible_to,
    m.course
FROM mapped_course AS m
JOIN person AS p ON p.person_id = m.person_id
LEFT JOIN date_fill AS s
    ON s.kind = 'start' AND s.precision_name = m.start_precision AND s.first_day = m.start_date
WHERE m.start_date IS NOT NULL AND m.course IS NOT NULL
