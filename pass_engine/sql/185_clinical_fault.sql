-- Purpose: Diagnoses, courses, visits and relapses that lack a date or contradict the person.
-- Reads: disease, mapped_disease, date_fill, visit, relapse, mapped_course, mapped_visit, mapped_relapse, person,
--   mapped_table
-- Writes: clinical_fault
-- Grain: one row a rule
-- Binds: none
-- Days: none counted
WITH fault AS (
    SELECT
        'diagnosis_before_onset' AS rule_id, 'disease' AS table_name, 'diagnosis_date' AS column_name,
        'Diagnosis before the first symptoms' AS label,
        count(*) AS tested,
        count(CASE WHEN coalesce(f.last_day, m.diagnosis_date) < m.onset_date THEN 1 END) AS failed
    FROM mapped_disease AS m
    JOIN person AS p ON p.person_id = m.person_id
    LEFT JOIN date_fill AS f
        ON f.kind = 'event' AND f.precision_name = m.diagnosis_precision AND f.first_day = m.diagnosis_date
    WHERE m.diagnosis_date IS NOT NULL AND m.onset_date IS NOT NULL
    UNION ALL
    SELECT
        'onset_before_birth' AS rule_id, 'disease' AS table_name, 'onset_date' AS column_name,
        'First symptoms before birth' AS label,
        count(*) AS tested, count(CASE WHEN d.onset_date < p.birth_date THEN 1 END) AS failed
    FROM disease AS d
    JOIN person AS p ON p.person_id = d.person_id
    WHERE d.onset_date IS NOT NULL AND p.birth_date IS NOT NULL
    UNION ALL
    SELECT
        'course_without_date' AS rule_id, 'course' AS table_name, 'start_date' AS column_name,
        'Course without a date or a code: set aside' AS label,
        count(*) AS tested, count(CASE WHEN start_date IS NULL OR course IS NULL THEN 1 END) AS failed
    FROM mapped_course
    UNION ALL
    SELECT
        'visit_without_date' AS rule_id, 'visit' AS table_name, 'visit_date' AS column_name,
        'Visit without a date: set aside' AS label,
        count(*) AS tested, count(CASE WHEN visit_date IS NULL THEN 1 END) AS failed
    FROM mapped_visit
    UNION ALL
    SELECT
        'visit_after_death' AS rule_id, 'visit' AS table_name, 'visit_date' AS column_name,
        'Visit after death' AS label,
        count(*) AS tested, count(CASE WHEN v.visit_date > p.death_date THEN 1 END) AS failed
    FROM visit AS v
    JOIN person AS p ON p.person_id = v.person_id
    WHERE p.death_date IS NOT NULL
    UNION ALL
    SELECT
        'relapse_without_date' AS rule_id, 'relapse' AS table_name, 'onset_date' AS column_name,
        'Relapse without a date: set aside' AS label,
        count(*) AS tested, count(CASE WHEN onset_date IS NULL THEN 1 END) AS failed
    FROM mapped_relapse
    UNION ALL
    SELECT
        'relapse_after_death' AS rule_id, 'relapse' AS table_name, 'onset_date' AS column_name,
        'Relapse after death' AS label,
        count(*) AS tested, count(CASE WHEN x.onset_date > p.death_date THEN 1 END) AS failed
    FROM relapse AS x
    JOIN person AS p ON p.person_id = x.person_id
    WHERE p.death_date IS NOT NULL
)
SELECT f.rule_id, f.table_name, f.column_name, f.label, f.tested, f.failed
FROM fault AS f
JOIN mapped_table AS m ON m.table_name = f.table_name
