-- Purpose: Episodes of other medicines, copies made one; one without a first day is kept.
-- Reads: mapped_comedication, person, date_fill
-- Writes: comedication
-- Grain: one row a person, ATC code, first and last day
-- Binds: none
-- Days: a filled date lies in its month or year, not before birth, nor after death or last contact; without a last day an
--   episode goes on
SELECT DISTINCT
    p.person_id,
    upper(m.atc) AS atc,
    CASE WHEN m.start_date IS NOT NULL THEN
        least(
            greatest(
                least(greatest(coalesce(f.filled_day, m.start_date), p.birth_date), p.death_date, p.last_contact_date),
                m.start_date),
            coalesce(f.last_day, m.start_date))
    END AS start_date,
    CASE WHEN m.stop_date IS NOT NULL THEN
        least(
            greatest(
                least(greatest(coalesce(s.filled_day, m.stop_date), p.birth_date), p.death_date, p.last_contact_date),
                m.stop_date),
            coalesce(s.last_day, m.stop_date))
    END AS stop_date
FROM mapped_comedication AS m
JOIN person AS p ON p.person_id = m.person_id
LEFT JOIN date_fill AS f
    ON f.kind = 'start' AND f.precision_name = m.start_precision AND f.first_day = m.start_date
LEFT JOIN date_fill AS s
    ON s.kind = 'stop' AND s.precision_name = m.stop_precision AND s.first_day = m.stop_date
WHERE m.atc IS NOT NULL
