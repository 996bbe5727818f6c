-- Purpose: Persons whose data contradict themselves in a way for which the protocol leaves a person out.
-- Reads: person_here, treatment, administration, event_report, fault_rule
-- Writes: faulty_person
-- Grain: one row a person
-- Binds: none
-- Days: none counted
WITH any_asked AS (
    SELECT count(*) AS rules FROM fault_rule
),
looked_at AS (
    SELECT p.person_id, p.birth_date, p.death_date, p.registry_entry_date, p.last_contact_date
    FROM person_here AS p
    JOIN any_asked AS a ON a.rules > 0
),
broken AS (
    SELECT 'death_before_birth' AS rule_id, person_id FROM looked_at WHERE death_date < birth_date
    UNION ALL
    SELECT 'birth_after_entry' AS rule_id, person_id FROM looked_at WHERE birth_date > registry_entry_date
    UNION ALL
    SELECT 'entry_after_death' AS rule_id, person_id FROM looked_at WHERE registry_entry_date > death_date
    UNION ALL
    SELECT 'contact_after_death' AS rule_id, person_id FROM looked_at WHERE last_contact_date > death_date
    UNION ALL
    SELECT 'contact_before_entry' AS rule_id, person_id FROM looked_at WHERE last_contact_date < registry_entry_date
    UNION ALL
    SELECT 'treatment_before_birth' AS rule_id, p.person_id
    FROM treatment AS t JOIN looked_at AS p ON p.person_id = t.person_id AND t.start_date < p.birth_date
    UNION ALL
    SELECT 'treatment_after_death' AS rule_id, p.person_id
    FROM treatment AS t JOIN looked_at AS p ON p.person_id = t.person_id AND t.start_date > p.death_date
    UNION ALL
    SELECT 'dose_after_death' AS rule_id, p.person_id
    FROM administration AS a JOIN looked_at AS p ON p.person_id = a.person_id AND a.date > p.death_date
    UNION ALL
    SELECT 'event_before_birth' AS rule_id, p.person_id
    FROM event_report AS e JOIN looked_at AS p ON p.person_id = e.person_id AND e.onset_date < p.birth_date
    UNION ALL
    SELECT 'event_after_death' AS rule_id, p.person_id
    FROM event_report AS e JOIN looked_at AS p ON p.person_id = e.person_id AND e.onset_date > p.death_date
)
SELECT DISTINCT b.person_id
FROM broken AS b
JOIN fault_rule AS a ON a.rule_id = b.rule_id
