-- Purpose: Persons who may be counted: consent not refused, copies of a row made one, partial dates filled.
-- Reads: mapped_person, date_fill
-- Writes: person
-- Grain: one row a person
-- Binds: none
-- Days: a filled date lies in its month or year; birth and death first, the rest not before birth nor after death.
--   A filled death is not before a last contact known to the day.
WITH consenting AS (
    SELECT DISTINCT
        person_id, birth_date, birth_precision, sex, country, registry_entry_date, registry_entry_precision,
        death_date, death_precision, last_contact_date, last_contact_precision, centre_id,
        upper(replace(cause_of_death, '.', '')) AS cause_of_death
    FROM mapped_person
    WHERE person_id IS NOT NULL AND coalesce(consent, '') <> 'no'
),
life AS (
    SELECT
        c.person_id,
        coalesce(b.filled_day, c.birth_date) AS birth_date,
        c.birth_precision,
        coalesce(c.sex, 'unknown') AS sex,
        c.country,
        c.registry_entry_date,
        c.registry_entry_precision,
        CASE WHEN c.death_date IS NOT NULL THEN
            least(
                greatest(
                    coalesce(d.filled_day, c.death_date), coalesce(b.filled_day, c.birth_date), c.death_date,
                    CASE WHEN c.last_contact_precision = 'day' THEN c.last_contact_date END),
                coalesce(d.last_day, c.death_date))
        END AS death_date,
        c.death_precision,
        c.last_contact_date,
        c.last_contact_precision,
        c.centre_id,
        c.cause_of_death
    FROM consenting AS c
    LEFT JOIN date_fill AS b
        ON b.kind = 'birth' AND b.precision_name = c.birth_precision AND b.first_day = c.birth_date
    LEFT JOIN date_fill AS d
        ON d.kind = 'event' AND d.precision_name = c.death_precision AND d.first_day = c.death_date
),
contact AS (
    SELECT
        l.person_id, l.birth_date, l.birth_precision, l.sex, l.country, l.registry_entry_date,
        l.registry_entry_precision, l.death_date, l.death_precision, l.centre_id, l.cause_of_death,
        CASE WHEN l.last_contact_date IS NOT NULL THEN
            least(
                greatest(
                    least(greatest(coalesce(f.filled_day, l.last_contact_date), l.birth_date), l.death_date),
                    l.last_contact_date),
                coalesce(f.last_day, l.last_contact_date))
        END AS last_contact_date
    FROM life AS l
    LEFT JOIN date_fill AS f
        ON f.kind = 'stop' AND f.precision_name = l.last_contact_precision AND f.first_day = l.last_contact_date
)
SELECT
    c.person_id,
    c.birth_date,
    c.birth_precision,
    c.sex,
    c.country,
    CASE WHEN c.registry_entry_date IS NOT NULL THEN
        least(
            greatest(
                least(
                    greatest(coalesce(f.filled_day, c.registry_entry_date), c.birth_date),
                    c.death_date, c.last_contact_date),
                c.registry_entry_date),
            coalesce(f.last_day, c.registry_entry_date))
    END AS registry_entry_date,
    c.death_date,
    c.death_precision,
    c.last_contact_date,
    c.centre_id,
    c.cause_of_death
FROM contact AS c
LEFT JOIN date_fill AS f
    ON f.kind = 'start' AND f.precision_name = c.registry_entry_precision AND f.first_day = c.registry_entry_date
