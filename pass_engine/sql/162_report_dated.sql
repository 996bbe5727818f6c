-- Purpose: Each report with its dates filled, and the days on which its onset may have been; a missing end, or one before
--   the onset, is the onset day.
-- Reads: report, person, date_fill
-- Writes: report_dated
-- Grain: one row a person and distinct report
-- Binds: none
-- Days: a filled date lies in its month or year, not before birth, nor after death or last contact
WITH filled AS (
    SELECT
        p.person_id,
        m.report_no,
        CASE WHEN m.onset_date IS NOT NULL THEN
            least(
                greatest(
                    least(greatest(coalesce(o.filled_day, m.onset_date), p.birth_date), p.death_date, p.last_contact_date),
                    m.onset_date),
                coalesce(o.last_day, m.onset_date))
        END AS onset_date,
        m.onset_precision,
        m.onset_date AS earliest_onset_date,
        least(greatest(m.onset_date, p.birth_date), coalesce(o.last_day, m.onset_date)) AS possible_from,
        greatest(
            least(coalesce(o.last_day, m.onset_date), p.death_date, p.last_contact_date), m.onset_date
        ) AS possible_to,
        coalesce(e.last_day, m.end_date) AS latest_end_date,
        CASE WHEN m.end_date IS NOT NULL THEN
            least(
                greatest(
                    least(greatest(coalesce(e.filled_day, m.end_date), p.birth_date), p.death_date, p.last_contact_date),
                    m.end_date),
                coalesce(e.last_day, m.end_date))
        END AS stated_end_date
    FROM report AS m
    JOIN person AS p ON p.person_id = m.person_id
    LEFT JOIN date_fill AS o
        ON o.kind = 'event' AND o.precision_name = m.onset_precision AND o.first_day = m.onset_date
    LEFT JOIN date_fill AS e
        ON e.kind = 'stop' AND e.precision_name = m.end_precision AND e.first_day = m.end_date
)
SELECT
    person_id,
    report_no,
    onset_date,
    onset_precision,
    CASE WHEN onset_date IS NOT NULL THEN greatest(onset_date, stated_end_date) END AS end_date,
    earliest_onset_date,
    latest_end_date,
    CASE WHEN onset_date IS NOT NULL THEN least(possible_from, onset_date) END AS possible_from,
    CASE WHEN onset_date IS NOT NULL THEN greatest(possible_to, onset_date) END AS possible_to
FROM filled
