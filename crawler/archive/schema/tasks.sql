-- Completed tasks: what makes an interrupted replay or re-extraction continue, and a repeated one change nothing.

CREATE TABLE completed_tasks (
  -- A unit of work that is stored completely: some records of a replayed file, some articles of a re-extraction.
  -- Written in the transaction that stores its results, so a unit is stored as a whole, and once.
  key TEXT PRIMARY KEY NOT NULL, -- Names the input, the extractor and the settings that the results depend on.
  at TEXT NOT NULL, -- When the results were stored.
  what TEXT NOT NULL, -- One line for people: the command, and the part of its input.
  result TEXT NOT NULL -- JSON object: what the command needs to go on behind this unit.
) STRICT, WITHOUT ROWID;
