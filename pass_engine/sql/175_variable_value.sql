-- Purpose: Values of variables that only covariates read; one of a dated table without a date is set aside.
-- Reads: variable_read, person, date_fill
-- Writes: variable_value
-- Grain: one row a person, variable, day and value; without a day where a table has one row a person
-- Binds: none
-- Days: a filled date lies in its month or year, not before birth, nor after death or last contact
SELECT DISTINCT
    p.person_id,
    v.variable,
    CASE WHEN v.value_date IS NOT NULL THEN
        least(
            greatest(
                least(greatest(coalesce(f.filled_day, v.value_date), p.birth_date), p.death_date, p.last_contact_date),
                v.value_date),
            coalesce(f.last_day, v.value_date))
    END AS value_date,
    v.text_value,
    v.number_value
FROM variable_read AS v
JOIN person AS p ON p.person_id = v.person_id
LEFT JOIN date_fill AS f
    ON f.kind = v.fill AND f.precision_name = v.value_precision AND f.first_day = v.value_date
WHERE v.value_date IS NOT NULL OR NOT v.is_dated
