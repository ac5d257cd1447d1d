/** How services start and stop. */
export { createService, type Part, type PartState, type PartStatus, type Service } from './service.ts';
export { runMain, toFailureLine, type MainOptions } from './run-main.ts';
