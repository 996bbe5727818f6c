-- Purpose: Every count of data quality in one table.
-- Reads: completeness, person_fault, observation_fault, treatment_fault, event_fault, row_fault, clinical_fault,
--   mapping_count, omop_count, event_order_fault, dictionary_count
-- Writes: quality_count
-- Grain: one row a kind, rule, table and column
-- Binds: none
-- Days: none counted
SELECT 'completeness' AS kind, rule_id, table_name, column_name, label, tested, failed FROM completeness
UNION ALL
SELECT 'fault' AS kind, rule_id, table_name, column_name, label, tested, failed FROM person_fault
UNION ALL
SELECT 'fault' AS kind, rule_id, table_name, column_name, label, tested, failed FROM observation_fault
UNION ALL
SELECT 'fault' AS kind, rule_id, table_name, column_name, label, tested, failed FROM treatment_fault
UNION ALL
SELECT 'fault' AS kind, rule_id, table_name, column_name, label, tested, failed FROM event_fault
UNION ALL
SELECT 'fault' AS kind, rule_id, table_name, column_name, label, tested, failed FROM row_fault
UNION ALL
SELECT 'fault' AS kind, rule_id, table_name, column_name, label, tested, failed FROM clinical_fault
UNION ALL
SELECT 'mapping' AS kind, rule_id, table_name, column_name, label, tested, failed FROM mapping_count
UNION ALL
SELECT 'fault' AS kind, rule_id, table_name, column_name, label, tested, failed FROM event_order_fault
UNION ALL
SELECT 'mapping' AS kind, rule_id, table_name, column_name, label, tested, failed FROM dictionary_count
UNION ALL
SELECT 'mapping' AS kind, rule_id, table_name, column_name, label, tested, failed FROM omop_count
