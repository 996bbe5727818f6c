-- Purpose: Dated reports of adverse events, coded, with seriousness: yes if the flag or any criterion says so.
-- Reads: report, report_coded, report_dated
-- Writes: event_report
-- Grain: one row a person and distinct report that has an onset
-- Binds: none
-- Days: the end is never before the onset
SELECT
    r.person_id,
    r.report_no,
    c.system,
    c.code,
    c.pt_code,
    d.onset_date,
    d.onset_precision,
    d.possible_from,
    d.possible_to,
    d.end_date,
    CASE
        WHEN r.serious_flag = 'yes' OR r.serious_by_criteria = 'yes' THEN 'yes'
        WHEN r.serious_flag = 'no' OR r.serious_by_criteria = 'no' THEN 'no'
        ELSE 'unknown'
    END AS serious,
    c.mapping_status,
    r.source,
    r.outcome
FROM report AS r
JOIN report_coded AS c ON c.person_id = r.person_id AND c.report_no = r.report_no
JOIN report_dated AS d ON d.person_id = r.person_id AND d.report_no = r.report_no
WHERE d.onset_date IS NOT NULL
