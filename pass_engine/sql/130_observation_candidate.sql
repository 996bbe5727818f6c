-- Purpose: Time under follow-up as the registry states it, or, where it states none, as it follows from entry.
-- Reads: mapped_observation_period, mapped_table, person, date_fill, registry_rule
-- Writes: observation_candidate
-- Grain: one row a stated period, or one row a person
-- Binds: none
-- Days: filled dates as in 120; without a stated end it ends on the day of the data cut
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
        p.registry_entry_date AS start_date,
        least(p.death_date, CASE WHEN r.deaths = 'visits' THEN p.last_contact_date END, r.data_cut_date) AS end_date
    FROM person AS p
    CROSS JOIN registry_rule AS r
    LEFT JOIN mapped_table AS m ON m.table_name = 'observation_period'
    WHERE m.table_name IS NULL
)
SELECT s.person_id, s.start_date, coalesce(s.end_date, r.data_cut_date) AS end_date
FROM stated AS s
CROSS JOIN registry_rule AS r
UNION ALL
SELECT person_id, start_date, end_date
FROM derived
