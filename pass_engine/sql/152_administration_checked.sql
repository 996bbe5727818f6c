-- Purpose: Doses with filled dates, and why a row is set aside.
-- Reads: mapped_administration, person, date_fill, registry_rule
-- Writes: administration_checked
-- Grain: one row a row of the source
-- Binds: none
-- Days: a filled date lies in its month or year, not before birth, nor after death or last contact
WITH dated AS (
    SELECT
        p.person_id,
        m.substance,
        CASE WHEN m.date IS NOT NULL THEN
            least(
                greatest(
                    least(greatest(coalesce(f.filled_day, m.date), p.birth_date), p.death_date, p.last_contact_date),
                    m.date),
                coalesce(f.last_day, m.date))
        END AS date
    FROM mapped_administration AS m
    JOIN person AS p ON p.person_id = m.person_id
    LEFT JOIN date_fill AS f
        ON f.kind = 'event' AND f.precision_name = m.date_precision AND f.first_day = m.date
)
SELECT
    d.person_id,
    d.substance,
    d.date,
    CASE
        WHEN d.substance IS NULL THEN 'without_substance'
        WHEN d.date IS NULL THEN 'without_date'
        WHEN d.date > r.data_cut_date THEN 'date_after_cut'
    END AS set_aside
FROM dated AS d
CROSS JOIN registry_rule AS r
