-- Purpose: Distinct reports of adverse events of persons in the registry, with the days from onset to entry.
-- Reads: mapped_adverse_event, person, registry_rule
-- Writes: event_lag
-- Grain: one row a distinct report
-- Binds: none
-- Days: from onset to entry, the day of onset not counted; empty unless both are known to the day
WITH field AS (
    SELECT DISTINCT
        m.person_id, m.verbatim, m.code_system, m.code, m.onset_date, m.onset_precision, m.end_date, m.end_precision,
        m.report_date, m.report_precision, m.entry_date, m.entry_precision, m.serious, m.ser_death,
        m.ser_life_threatening, m.ser_hospitalisation, m.ser_disability, m.ser_congenital, m.ser_medically_important,
        m.severity, m.outcome, m.causality, m.suspect_substance, m.action_taken, m.source
    FROM mapped_adverse_event AS m
    JOIN person AS p ON p.person_id = m.person_id
)
SELECT
    f.onset_date, f.onset_precision, f.end_date, f.outcome, f.causality, r.adverse_event_start,
    CASE WHEN f.onset_precision = 'day' AND f.entry_precision = 'day'
        THEN date_diff('day', f.onset_date, f.entry_date) END AS lag_days
FROM field AS f
CROSS JOIN registry_rule AS r
