/** Stage `identify`: the token becomes a Principal. */
import type { Principal } from '../../lib/identity/index.ts';
import type { Hub } from './hub.ts';
import type { GatewayRequest } from './request.ts';
import type { Stage } from './stage.ts';

export const identify: Stage<{ request: GatewayRequest }, { principal: Principal }, Hub> = {
  name: 'identify',
  run({ request }, { identity }) {
    const found = identity.identify(request);
    return found instanceof Promise ? found.then((principal) => ({ principal })) : { principal: found };
  },
};
