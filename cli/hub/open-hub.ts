// The settings of a hub on this machine, read once, and a supervisor made from them: shared by `start` and `dev`.
import { readConfig, withVariables } from '../../lib/config/index.ts';
import { createLog } from '../../lib/log/log.ts';
import { realClock, type ClockSetting } from '../../lib/clock/clock.ts';
import { createSupervisor, type Supervisor, type SupervisorOptions } from './supervisor.ts';
import { toDataFolder, type DataFolder } from './layout.ts';
import { createScreen, type Screen } from './screen.ts';

const names = [
  'PORT',
  'DATABASE_URL',
  'FEED_URL',
  'SUPERGRAPH_FILE',
  'NODE_ENV',
  'HUB_HOST',
  'HUB_DATA',
  'HUB_AUTH',
  'HUB_CLOCK',
  'HUB_DATABASE_PASSWORD_FILE',
] as const;

export type OpenHub = {
  readonly supervisor: Supervisor;
  readonly data: DataFolder;
  readonly screen: Screen;
  readonly clock: string;
  /** As in PORT. */
  readonly port: number | undefined;
  readonly production: boolean;
};

// All processes must agree on the moment at which a demo clock began.
function toClockText(setting: ClockSetting): string {
  if (setting.kind === 'real') return 'real';
  const anchorAt = setting.anchorAt ?? realClock.now();
  return `demo:${setting.startAt.toISOString()}:${setting.speed}:${anchorAt.getTime()}`;
}

/** Reads the settings; throws a CONFIG_… error that is one line. `supergraphFile`: another one than configured. */
export function openHub(options: {
  together: boolean;
  supergraphFile?: string;
  writeSupergraph?: SupervisorOptions['writeSupergraph'];
}): OpenHub {
  const config = readConfig(names);
  const data = toDataFolder(config.HUB_DATA);
  const screen = createScreen(process.stdout);
  const clock = toClockText(config.HUB_CLOCK);
  // Parts speak through the screen; their own logs show what is worth a look.
  const quiet = withVariables({ HUB_LOG_LEVEL: 'warn', HUB_LOG_FORMAT: 'lines' }, {});
  const supervisor = createSupervisor({
    data,
    host: config.HUB_HOST,
    port: config.PORT,
    databaseUrl: config.DATABASE_URL,
    databasePasswordFile: config.HUB_DATABASE_PASSWORD_FILE,
    feedUrl: config.FEED_URL,
    supergraphFile: options.supergraphFile ?? config.SUPERGRAPH_FILE,
    ...(options.writeSupergraph === undefined ? {} : { writeSupergraph: options.writeSupergraph }),
    auth: config.HUB_AUTH ?? 'hub',
    clock,
    together: options.together,
    childVariables: quiet,
    log: createLog({ service: 'hub', level: 'warn', format: 'lines' }),
    onLine: screen.onLine,
    say: screen.say,
  });
  return { supervisor, data, screen, clock, port: config.PORT, production: config.NODE_ENV === 'production' };
}
