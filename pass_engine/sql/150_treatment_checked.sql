-- Purpose: Treatment episodes with filled dates, and why a row is set aside.
-- Reads: mapped_treatment, person, date_fill, registry_rule
-- Writes: treatment_checked
-- Grain: one row a row of the source
-- Binds: none
-- Days: a filled date lies in its month or year, not before birth, nor after death or last contact
WITH dated AS (
    SELECT
        p.person_id,
        m.substance,
        CASE WHEN m.start_date IS NOT NULL THEN
            least(
                greatest(
                    least(greatest(coalesce(s.filled_day, m.start_date), p.birth_date), p.death_date, p.last_contact_date),
                    m.start_date),
                coalesce(s.last_day, m.start_date))
        END AS start_date,
        CASE WHEN m.stop_date IS NOT NULL THEN
            least(
                greatest(
                    least(greatest(coalesce(e.filled_day, m.stop_date), p.birth_date), p.death_date, p.last_contact_date),
                    m.stop_date),
                coalesce(e.last_day, m.stop_date))
        END AS stop_date
    FROM mapped_treatment AS m
    JOIN person AS p ON p.person_id = m.person_id
    LEFT JOIN date_fill AS s
        ON s.kind = 'start' AND s.precision_name = m.start_precision AND s.first_day = m.start_date
    LEFT JOIN date_fill AS e
        ON e.kind = 'stop' AND e.precision_name = m.stop_precision AND e.first_day = m.stop_date
)
SELECT
    d.person_id,
    d.substance,
    d.start_date,
    d.stop_date,
    CASE
        WHEN d.substance IS NULL THEN 'without_substance'
        WHEN d.start_date IS NULL THEN 'without_start'
        WHEN d.start_date > r.data_cut_date THEN 'start_after_cut'
        WHEN d.stop_date < d.start_date THEN 'stop_before_start'
    END AS set_aside
FROM dated AS d
CROSS JOIN registry_rule AS r
