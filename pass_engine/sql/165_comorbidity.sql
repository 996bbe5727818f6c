-- Purpose: Other diagnoses that have a code, copies made one; one without a date is kept.
-- Reads: comorbidity_coded, person, date_fill, meddra_llt
-- Writes: comorbidity
-- Grain: one row a person, code and onset
-- Binds: none
-- Days: a filled date lies in its month or year, not before birth, nor after death or last contact
SELECT DISTINCT
    p.person_id,
    c.system,
    CASE WHEN c.system = 'ICD-10' THEN upper(replace(c.code, '.', '')) ELSE upper(c.code) END AS code,
    l.pt_code,
    CASE WHEN c.onset_date IS NOT NULL THEN
        least(
            greatest(
                least(greatest(coalesce(f.filled_day, c.onset_date), p.birth_date), p.death_date, p.last_contact_date),
                c.onset_date),
            coalesce(f.last_day, c.onset_date))
    END AS onset_date
FROM comorbidity_coded AS c
JOIN person AS p ON p.person_id = c.person_id
LEFT JOIN meddra_llt AS l ON c.system = 'MedDRA LLT' AND l.llt_code = c.code
LEFT JOIN date_fill AS f
    ON f.kind = 'event' AND f.precision_name = c.onset_precision AND f.first_day = c.onset_date
WHERE c.mapping_status <> 'unmapped'
