-- Purpose: Persons whose data contradict themselves, and those who refused.
-- Reads: mapped_person, person, registry_rule
-- Writes: person_fault
-- Grain: one row a rule
-- Binds: none
-- Days: none counted
WITH asked AS (
    SELECT DISTINCT person_id, consent
    FROM mapped_person
    WHERE person_id IS NOT NULL
)
SELECT
    'consent_no' AS rule_id, 'person' AS table_name, 'consent' AS column_name,
    'Consent refused: left out before anything is counted' AS label,
    count(*) AS tested, count(CASE WHEN consent = 'no' THEN 1 END) AS failed
FROM asked
UNION ALL
SELECT
    'death_before_birth' AS rule_id, 'person' AS table_name, 'death_date' AS column_name,
    'Death before birth' AS label,
    count(*) AS tested, count(CASE WHEN death_date < birth_date THEN 1 END) AS failed
FROM person
WHERE birth_date IS NOT NULL AND death_date IS NOT NULL
UNION ALL
SELECT
    'birth_after_entry' AS rule_id, 'person' AS table_name, 'birth_date' AS column_name,
    'Birth after entry into the registry' AS label,
    count(*) AS tested, count(CASE WHEN birth_date > registry_entry_date THEN 1 END) AS failed
FROM person
WHERE birth_date IS NOT NULL AND registry_entry_date IS NOT NULL
UNION ALL
SELECT
    'entry_after_death' AS rule_id, 'person' AS table_name, 'registry_entry_date' AS column_name,
    'Entry into the registry after death' AS label,
    count(*) AS tested, count(CASE WHEN registry_entry_date > death_date THEN 1 END) AS failed
FROM person
WHERE registry_entry_date IS NOT NULL AND death_date IS NOT NULL
UNION ALL
SELECT
    'contact_after_death' AS rule_id, 'person' AS table_name, 'last_contact_date' AS column_name,
    'Last contact after death' AS label,
    count(*) AS tested, count(CASE WHEN last_contact_date > death_date THEN 1 END) AS failed
FROM person
WHERE last_contact_date IS NOT NULL AND death_date IS NOT NULL
UNION ALL
SELECT
    'contact_before_entry' AS rule_id, 'person' AS table_name, 'last_contact_date' AS column_name,
    'Last contact before entry into the registry' AS label,
    count(*) AS tested, count(CASE WHEN last_contact_date < registry_entry_date THEN 1 END) AS failed
FROM person
WHERE last_contact_date IS NOT NULL AND registry_entry_date IS NOT NULL
UNION ALL
SELECT
    'death_after_contact' AS rule_id, 'person' AS table_name, 'death_date' AS column_name,
    'Death after last contact (not used where deaths are known from visits only)' AS label,
    count(*) AS tested, count(CASE WHEN death_date > last_contact_date THEN 1 END) AS failed
FROM person
WHERE last_contact_date IS NOT NULL AND death_date IS NOT NULL
UNION ALL
SELECT
    'death_after_cut' AS rule_id, 'person' AS table_name, 'death_date' AS column_name,
    'Death after the data cut' AS label,
    count(*) AS tested, count(CASE WHEN p.death_date > r.data_cut_date THEN 1 END) AS failed
FROM person AS p
CROSS JOIN registry_rule AS r
WHERE p.death_date IS NOT NULL
UNION ALL
SELECT
    'contact_after_cut' AS rule_id, 'person' AS table_name, 'last_contact_date' AS column_name,
    'Last contact after the data cut' AS label,
    count(*) AS tested, count(CASE WHEN p.last_contact_date > r.data_cut_date THEN 1 END) AS failed
FROM person AS p
CROSS JOIN registry_rule AS r
WHERE p.last_contact_date IS NOT NULL
