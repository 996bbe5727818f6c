-- Purpose: Other diagnoses that have a code, copies made one; one without a date is kept.
-- Reads: mapped_comorbidity, event_code, person, date_fill
-- Writes: comorbidity
-- Grain: one row a person, code and onset
-- Binds: none
-- Days: a filled date lies in its month or year, not before birth, nor after death or last contact
SELECT DISTINCT
    p.person_id,
    e.system,
    e.code,
    e.pt_code,
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
FROM mapped_comorbidity AS m
JOIN person AS p ON p.person_id = m.person_id
JOIN event_code AS e ON e.code_system = m.code_system AND e.recorded_code = m.code
LEFT JOIN date_fill AS f
    ON f.kind = 'event' AND f.precision_name = m.onset_precision AND f.first_day = m.onset_date
WHERE e.code IS NOT NULL
