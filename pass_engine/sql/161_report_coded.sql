-- Purpose: Each report with its code in a standard system.
-- Reads: report, event_code
-- Writes: report_coded
-- Grain: one row a person and distinct report
-- Binds: none
-- Days: none counted
SELECT
    r.person_id,
    r.report_no,
    e.system,
    e.code,
    e.pt_code,
    coalesce(e.is_current, true) AS is_current,
    coalesce(e.mapping_status, 'unmapped') AS mapping_status
FROM report AS r
LEFT JOIN event_code AS e ON e.code_system = r.code_system AND e.recorded_code = r.recorded_code
