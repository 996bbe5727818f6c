-- Purpose: Relapses; without a day a row is set aside.
-- Reads: mapped_relapse, person, date_fill
-- Writes: relapse
-- Grain: one row a person, day of onset and days on which it may have been
-- Binds: none
-- Days: a filled date lies in its month or year, not before birth, nor after death or last contact
SELECT DISTINCT
    p.person_id,
    CASE WHEN m.onset_date IS NOT NULL THEN
        least(
            greatest(
                least(greatest(coalesce(f.filled_day, m.onset_date), p.birth_date), p.death_date, p.last_contact_date),
                m.onset_date),
            coalesce(f.last_day, m.onset_date))
    END AS onset_date,
    CASE WHEN m.onset_date IS NOT NULL THEN
        least(greatest(m.onset_date, p.birth_date), coalesce(f.last_day, m.onset_date))
    END AS possible_from,
    CASE WHEN m.onset_date IS NOT NULL THEN
        greatest(least(coalesce(f.last_day, m.onset_date), p.death_date, p.last_contact_date), m.onset_date)
    END AS possible_to
FROM mapped_relapse AS m
JOIN person AS p ON p.person_id = m.person_id
LEFT JOIN date_fill AS f
    ON f.kind = 'event' AND f.precision_name = m.onset_precision AND f.first_day = m.onset_date
WHERE m.onset_date IS NOT NULL
