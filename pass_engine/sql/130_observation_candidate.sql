-- Purpose: Time under follow-up as the registry states it, or, where it states none, as it follows from entry or visits.
-- Reads: mapped_observation_period, mapped_table, person, visit_span, date_fill, registry_rule, observation_rule
-- Writes: observation_candidate
-- Grain: one row a stated period, or one row a person
-- Binds: none
-- Days: filled dates as in 120; without a stated end it ends on the day of the data cut. Derived from visits, nobody who
--   was never seen is under follow-up; the days of the first and the last visit belong to it.
WITH stated AS (
    SELECT
        p.person_id,
        CASE WHEN m.start_date IS NOT NULL THEN
            least(
                greatest(
                    least(greatest(coalesce(s.filled_day, m.start_date), p.birth_date), p.death_date, p.last_contact_date),
                    m.start_date),
                coalesce(s.last_day, m.start_date))
        END AS start_date,
        CASE WHEN m.end_date IS NOT NULL THEN
            least(
                greatest(
                    least(greatest(coalesce(e.filled_day, m.end_date), p.birth_date), p.death_date, p.last_contact_date),
                    m.end_date),
                coalesce(e.last_day, m.end_date))
        END AS end_date
    FROM mapped_observation_period AS m
    JOIN person AS p ON p.person_id = m.person_id
    LEFT JOIN date_fill AS s
        ON s.kind = 'start' AND s.precision_name = m.start_precision AND s.first_day = m.start_date
    LEFT JOIN date_fill AS e
        ON e.kind = 'stop' AND e.precision_name = m.end_precision AND e.first_day = m.end_date
),
derived AS (
    SELECT
        p.person_id,
        CASE o.start_from
            WHEN 'first_visit' THEN v.first_visit_date
            WHEN 'earlier_of_both' THEN least(p.registry_entry_date, v.first_visit_date)
            ELSE p.registry_entry_date
        END AS start_date,
        CASE coalesce(o.end_at, CASE WHEN r.deaths = 'visits' THEN 'last_contact' ELSE 'data_cut' END)
            WHEN 'last_visit' THEN
                CASE WHEN v.last_visit_date IS NOT NULL THEN least(p.death_date, v.last_visit_date, r.data_cut_date) END
            WHEN 'last_contact' THEN least(p.death_date, p.last_contact_date, r.data_cut_date)
            ELSE least(p.death_date, r.data_cut_date)
        END AS end_date
    FROM person AS p
    CROSS JOIN registry_rule AS r
    CROSS JOIN observation_rule AS o
    LEFT JOIN visit_span AS v ON v.person_id = p.person_id
    LEFT JOIN mapped_table AS m ON m.table_name = 'observation_period'
    WHERE m.table_name IS NULL
)
SELECT s.person_id, s.start_date, coalesce(s.end_date, r.data_cut_date) AS end_date
FROM stated AS s
CROSS JOIN registry_rule AS r
UNION ALL
SELECT person_id, start_date, end_date
FROM derived
