-- Purpose: Onset and diagnosis of the disease.
-- Reads: mapped_disease, person, date_fill
-- Writes: disease
-- Grain: one row a person
-- Binds: none
-- Days: a filled date lies in its month or year, not before birth, nor after death or last contact
SELECT DISTINCT
    p.person_id,
    CASE WHEN m.onset_date IS NOT NULL THEN
        least(
            greatest(
                least(greatest(coalesce(o.filled_day, m.onset_date), p.birth_date), p.death_date, p.last_contact_date),
                m.onset_date),
            coalesce(o.last_day, m.onset_date))
    END AS onset_date,
    CASE WHEN m.diagnosis_date IS NOT NULL THEN
        least(
            greatest(
                least(greatest(coalesce(d.filled_day, m.diagnosis_date), p.birth_date), p.death_date, p.last_contact_date),
                m.diagnosis_date),
            coalesce(d.last_day, m.diagnosis_date))
    END AS diagnosis_date
FROM mapped_disease AS m
JOIN person AS p ON p.person_id = m.person_id
LEFT JOIN date_fill AS o
    ON o.kind = 'event' AND o.precision_name = m.onset_precision AND o.first_day = m.onset_date
LEFT JOIN date_fill AS d
    ON d.kind = 'event' AND d.precision_name = m.diagnosis_precision AND d.first_day = m.diagnosis_date
