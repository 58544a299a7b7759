import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Advice that was applied, and the places that it gave to tasks. breaking: false. Services of the version before place the tasks as they
 * always did until they are replaced; an edit by them leaves the place as it is, and it is kept within the window when it is used.
 */
export class Smoothing1764300000000 implements MigrationInterface {
  readonly name = 'Smoothing1764300000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [TASKS, REVISIONS, APPLICATIONS, MOVES]) await queryRunner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('There are no down migrations: restore a backup.'));
  }
}

const TASKS = `
alter table tasks
  add column placement_offset_ms bigint check (placement_offset_ms >= 0),
  add column advice_id bigint;
comment on column tasks.placement_offset_ms is 'How long after its scheduled time each occurrence is due, within the flexible window; null: as placement says.';
comment on column tasks.advice_id is 'The applied advice that gave the task its placement_offset_ms.';
`;

const REVISIONS = `
alter table task_revisions
  drop constraint task_revisions_change_check,
  add constraint task_revisions_change_check check (change in (
    'created', 'edited', 'activated', 'paused', 'deactivated', 'deleted', 'calendar', 'migrated', 'smoothed', 'unsmoothed'
  ));
`;

const APPLICATIONS = `
create table applied_advice (
  id bigint generated always as identity primary key,
  pool text not null,
  applied_at timestamptz(3) not null,
  looked_until timestamptz(3) not null,
  peak_before integer not null,
  peak_after integer not null,
  request text not null
);
create index applied_advice_request on applied_advice (md5(request));
comment on table applied_advice is 'One row per application of advice to smooth the peaks of a pool.';
comment on column applied_advice.looked_until is 'The peaks are those from applied_at up to here.';
comment on column applied_advice.request is 'What was asked for, in one fixed form: the same again is answered, not done twice.';
`;

const MOVES = `
create table advice_moves (
  advice_id bigint not null references applied_advice (id),
  task_id bigint not null,
  position integer not null,
  revision_before integer not null,
  revision integer not null,
  window_before_ms bigint not null,
  window_ms bigint not null,
  offset_before_ms bigint,
  offset_ms bigint not null,
  shown_offset_ms bigint,
  advice_before bigint,
  written_until timestamptz(3),
  scheduled_times timestamptz(3)[] not null,
  due_times timestamptz(3)[] not null,
  undone_at timestamptz(3),
  primary key (advice_id, task_id)
);
comment on table advice_moves is 'What an application of advice changed of each task, and what it was before.';
comment on column advice_moves.revision is 'The revision that the task got. While it has it, the move can be undone.';
comment on column advice_moves.shown_offset_ms is 'The one offset that all its occurrences had before; null: they had several.';
comment on column advice_moves.written_until is 'The watermark of the task before: up to there its former places are kept.';
comment on column advice_moves.scheduled_times is 'With due_times: places that the load of the moment had decided, which nobody could find again.';
`;
