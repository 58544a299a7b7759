import { scaleDecisionEntity } from './entities/scale-decision.ts';
import { taskEntity } from './entities/task.ts';
import { taskTypeEntity } from './entities/task-type.ts';
import { averageElapsedTimeView, scheduledTasksSummaryView } from './view-entities.ts';

/** Every table and view that is read or written as objects; the tables of the hot path are spoken to in SQL alone. */
export const ENTITIES = [
  taskEntity,
  taskTypeEntity,
  scaleDecisionEntity,
  averageElapsedTimeView,
  scheduledTasksSummaryView,
];
