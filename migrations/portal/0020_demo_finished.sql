-- +goose Up
-- Whether a demo county is whole is noted from now on; those that exist are.
UPDATE demo_county SET finished = true;

-- +goose Down
SELECT 1;
