-- Purpose: Treatment episodes and doses that are set aside or contradict the person.
-- Reads: treatment_checked, administration_checked, person, mapped_table
-- Writes: treatment_fault
-- Grain: one row a rule
-- Binds: none
-- Days: none counted
WITH fault AS (
    SELECT
        'treatment_without_substance' AS rule_id, 'treatment' AS table_name, 'substance' AS column_name,
        'Treatment without a known substance: set aside' AS label,
        count(*) AS tested, count(CASE WHEN set_aside = 'without_substance' THEN 1 END) AS failed
    FROM treatment_checked
    UNION ALL
    SELECT
        'treatment_without_start' AS rule_id, 'treatment' AS table_name, 'start_date' AS column_name,
        'Treatment without a start: set aside' AS label,
        count(*) AS tested, count(CASE WHEN set_aside = 'without_start' THEN 1 END) AS failed
    FROM treatment_checked
    UNION ALL
    SELECT
        'treatment_start_after_cut' AS rule_id, 'treatment' AS table_name, 'start_date' AS column_name,
        'Treatment that starts after the data cut: set aside' AS label,
        count(*) AS tested, count(CASE WHEN set_aside = 'start_after_cut' THEN 1 END) AS failed
    FROM treatment_checked
    UNION ALL
    SELECT
        'treatment_stop_before_start' AS rule_id, 'treatment' AS table_name, 'stop_date' AS column_name,
        'Treatment that stops before it starts: set aside' AS label,
        count(*) AS tested, count(CASE WHEN set_aside = 'stop_before_start' THEN 1 END) AS failed
    FROM treatment_checked
    UNION ALL
    SELECT
        'treatment_before_birth' AS rule_id, 'treatment' AS table_name, 'start_date' AS column_name,
        'Treatment that starts before birth' AS label,
        count(*) AS tested, count(CASE WHEN t.start_date < p.birth_date THEN 1 END) AS failed
    FROM treatment_checked AS t
    JOIN person AS p ON p.person_id = t.person_id
    WHERE t.start_date IS NOT NULL AND p.birth_date IS NOT NULL
    UNION ALL
    SELECT
        'treatment_after_death' AS rule_id, 'treatment' AS table_name, 'start_date' AS column_name,
        'Treatment that starts after death' AS label,
        count(*) AS tested, count(CASE WHEN t.start_date > p.death_date THEN 1 END) AS failed
    FROM treatment_checked AS t
    JOIN person AS p ON p.person_id = t.person_id
    WHERE t.start_date IS NOT NULL AND p.death_date IS NOT NULL
    UNION ALL
    SELECT
        'dose_without_substance' AS rule_id, 'administration' AS table_name, 'substance' AS column_name,
        'Dose without a known substance: set aside' AS label,
        count(*) AS tested, count(CASE WHEN set_aside = 'without_substance' THEN 1 END) AS failed
    FROM administration_checked
    UNION ALL
    SELECT
        'dose_without_date' AS rule_id, 'administration' AS table_name, 'date' AS column_name,
        'Dose without a date: set aside' AS label,
        count(*) AS tested, count(CASE WHEN set_aside = 'without_date' THEN 1 END) AS failed
    FROM administration_checked
    UNION ALL
    SELECT
        'dose_after_cut' AS rule_id, 'administration' AS table_name, 'date' AS column_name,
        'Dose after the data cut: set aside' AS label,
        count(*) AS tested, count(CASE WHEN set_aside = 'date_after_cut' THEN 1 END) AS failed
    FROM administration_checked
    UNION ALL
    SELECT
        'dose_after_death' AS rule_id, 'administration' AS table_name, 'date' AS column_name,
        'Dose after death' AS label,
        count(*) AS tested, count(CASE WHEN a.date > p.death_date THEN 1 END) AS failed
    FROM administration_checked AS a
    JOIN person AS p ON p.person_id = a.person_id
    WHERE a.date IS NOT NULL AND p.death_date IS NOT NULL
)
SELECT f.rule_id, f.table_name, f.column_name, f.label, f.tested, f.failed
FROM fault AS f
JOIN mapped_table AS m ON m.table_name = f.table_name
