-- Purpose: One person's days in each window, by the cells of the time-varying strata a margin splits by: persons are counted
--     afresh at every margin, since one person has days in several cells.
-- Reads: band_piece
-- Writes: window_total
-- Grain: one row a window, way of splitting, cell and person
-- Binds: none
-- Days: both ends count; window_days are all days of the window, whatever the outcome
SELECT
    window_no, by_age, by_calendar, by_since, band_no, since_no, interval_no, level_no, person_no,
    CAST(sum(date_diff('day', piece_start, piece_end) + 1) AS BIGINT) AS window_days
FROM band_piece
WHERE count_no = 0
GROUP BY window_no, by_age, by_calendar, by_since, band_no, since_no, interval_no, level_no, person_no
